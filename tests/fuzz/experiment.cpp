// The experiment file, without its model. One without a mistake is written out and read again without one.
#include "laboratory/experiment_parts.hpp"
#include "target.hpp"

namespace {

using namespace stellate;

laboratory::Experiment read(const std::string& text, Problems& problems) {
    const TomlTable tree = parse_toml(text, "fuzz.toml", problems);
    return laboratory::experiment_in(tree, problems);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        Problems problems;
        const laboratory::Experiment e = read(text_of(data, size), problems);
        problems.throw_if_any();
        const std::string written = laboratory::to_toml(e);
        Problems none;
        const std::string again = laboratory::to_toml(read(written, none));
        STELLATE_ASSERT(none.empty() && again == written, written, again);
    } catch (const InputError& error) {
        STELLATE_ASSERT(!error.problems().empty(), error.what());
    }
    return 0;
}
