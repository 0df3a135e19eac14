#include "tissue/cells.hpp"

namespace stellate {

void Cells::append_row(const Cells& from, std::size_t row) {
    for_each_column([row](auto& to, const auto& source) { to.push_back(source[row]); }, *this, from);
}

void Cells::resize(std::size_t count) {
    for_each_column([count](auto& column) { column.resize(count); }, *this);
}

void Cells::hash(Hasher& hasher) const {
    for_each_column([&hasher](const auto& column) { hasher.column(std::span(column.data(), column.size())); }, *this);
}

}  // namespace stellate
