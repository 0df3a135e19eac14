#include "rules/names.hpp"

#include <utility>

namespace stellate::rules {

std::string folded(std::string_view text) {
    std::string out;
    for (char c : text) {
        if (c == '_' || c == '\t') c = ' ';
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (c == ' ' && (out.empty() || out.back() == ' ')) continue;
        out += c;
    }
    if (out.ends_with(' ')) out.pop_back();
    return out;
}

std::string canonical_name(std::string_view text) {
    // The dictionary of the reference implementation (PhysiCell 1.14.2, core/PhysiCell_signal_behavior.cpp).
    static constexpr std::pair<std::string_view, std::string_view> whole[] = {
        {"is attacking", "attacking"},
        {"is dead", "dead"},
        {"is apoptotic", "apoptotic"},
        {"is necrotic", "necrotic"},
        {"is movable", "movable"},
        {"total damage delivered", "damage delivered"},
        {"current time", "time"},
        {"global time", "time"},
        {"contact with bm", "contact with basement membrane"},
        {"exit from cycle phase 0", "cycle entry"},
        {"cell-membrane adhesion", "cell-bm adhesion"},
        {"cell-membrane repulsion", "cell-bm repulsion"},
    };
    static constexpr std::pair<std::string_view, std::string_view> beginnings[] = {
        {"internalized ", "intracellular "},
        {"transition to ", "transform to "},
        {"phagocytosis of ", "phagocytose "},
        {"chemotactic sensitivity to ", "chemotactic response to "},
    };
    static constexpr std::string_view gradient_of = "gradient of ", grad = "grad(",
                                      old_target = " secretion saturation density";

    std::string name = folded(text);
    for (const auto& [other, meaning] : whole)
        if (name == other) return std::string(meaning);
    for (const auto& [other, meaning] : beginnings)
        if (name.starts_with(other)) name = std::string(meaning) + name.substr(other.size());
    if (name.starts_with(gradient_of)) name = name.substr(gradient_of.size()) + " gradient";
    if (name.starts_with(grad) && name.ends_with(')'))
        name = folded(name.substr(grad.size(), name.size() - grad.size() - 1)) + " gradient";
    if (name.ends_with(old_target)) name = name.substr(0, name.size() - old_target.size()) + " secretion target";
    const bool of_cells = name.starts_with("contact with ") || name.starts_with("phagocytose ");
    if (of_cells && name.ends_with(" cells")) name.pop_back();
    return name;
}

}  // namespace stellate::rules
