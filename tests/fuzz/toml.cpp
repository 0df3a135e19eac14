// The TOML tree: every value of it is described, and its places lie in the text.
#include <algorithm>

#include "core/error.hpp"
#include "model/toml.hpp"
#include "target.hpp"

namespace {

using namespace stellate;

void walk(const TomlTable& table, int lines);

void walk(const TomlValue& value, int lines) {
    STELLATE_ASSERT(value.place.line >= 0 && value.place.line <= lines, value.place.line, lines);
    STELLATE_ASSERT(!describe(value).empty(), int(value.kind));
    for (const TomlValue& item : value.array) walk(item, lines);
    walk(value.table, lines);
}

void walk(const TomlTable& table, int lines) {
    for (const TomlEntry& entry : table.entries) {
        STELLATE_ASSERT(entry.key_place.line >= 1 && entry.key_place.column >= 1, entry.key_place.line,
                        entry.key_place.column);
        walk(entry.value, lines);
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text = text_of(data, size);
    Problems problems;
    try {
        walk(parse_toml(text, "fuzz.toml", problems), int(std::count(text.begin(), text.end(), '\n')) + 1);
    } catch (const InputError& error) {
        STELLATE_ASSERT(!error.problems().empty(), error.what());
    }
    return 0;
}
