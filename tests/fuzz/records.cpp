// A model of one file: its records, and what the reader of the model makes of them.
#include "model/records.hpp"
#include "liver/parameters.hpp"
#include "model/model.hpp"
#include "target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stellate;
    try {
        Records records = Records::parse({{"fuzz.toml", text_of(data, size)}});
        read_model(records, "", "rules.csv", {});
        liver::read_anatomy(records);
        records.require_all_used();
    } catch (const InputError& error) {
        STELLATE_ASSERT(!error.problems().empty(), error.what());
    }
    return 0;
}
