// Rules: rows that are accepted compile, or say why not, and then give finite numbers.
#include <cmath>

#include "rules/hill_rules.hpp"
#include "target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stellate;
    rules::Vocabulary v;
    v.cell_types = {"hsc", "tumour"};
    v.signals = {{"TGFB1", Dimension::concentration}, {"oxygen", Dimension::oxygen_tension}};
    v.behaviours = {{"cycle entry", Dimension::rate}, {"migration speed", Dimension::speed}};
    v.base = {0.001, 0.5, 0.002, std::nan("")};
    v.loops = {"matrix"};
    rules::CompileOptions options;
    options.record = [](const std::string& path, Dimension) {
        return path == "a.b" ? std::optional<double>(0.01) : std::nullopt;
    };
    options.records = {"a.b"};
    try {
        Problems problems;
        const std::vector<rules::Rule> rows = rules::parse_rules(text_of(data, size), "fuzz.csv", problems);
        problems.throw_if_any();
        const rules::CompiledRules compiled(rows, v, options);
        for (const int type : {0, 1}) {
            const float signals[] = {1.0f, 1e30f};
            float out[2] = {0, 0};
            compiled.evaluate(type, signals, out);
            STELLATE_ASSERT(std::isfinite(out[0]) && std::isfinite(out[1]), out[0], out[1]);
        }
    } catch (const InputError& error) {
        STELLATE_ASSERT(!error.problems().empty(), error.what());
    }
    return 0;
}
