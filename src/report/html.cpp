#include "report/html.hpp"

#include <cstdint>

#include "core/error.hpp"

namespace stellate::report {

namespace {

// Length of the valid UTF-8 sequence at `i`, 0 if there is none (overlong, surrogate, beyond U+10FFFF or cut short).
std::size_t sequence(std::string_view text, std::size_t i) {
    const auto byte = [&](std::size_t k) { return i + k < text.size() ? static_cast<std::uint8_t>(text[i + k]) : 0u; };
    const auto follows = [&](std::size_t k) { return (byte(k) & 0xC0u) == 0x80u; };
    const unsigned b = byte(0);
    if (b < 0x80) return 1;
    if (b >= 0xC2 && b <= 0xDF) return follows(1) ? 2 : 0;
    if (b >= 0xE0 && b <= 0xEF) {
        if (!follows(1) || !follows(2)) return 0;
        if (b == 0xE0 && byte(1) < 0xA0) return 0;
        if (b == 0xED && byte(1) > 0x9F) return 0;
        return 3;
    }
    if (b >= 0xF0 && b <= 0xF4) {
        if (!follows(1) || !follows(2) || !follows(3)) return 0;
        if (b == 0xF0 && byte(1) < 0x90) return 0;
        if (b == 0xF4 && byte(1) > 0x8F) return 0;
        return 4;
    }
    return 0;
}

}  // namespace

std::string escaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = sequence(text, i);
        if (length == 0) {
            out += "\xEF\xBF\xBD";
            ++i;
            continue;
        }
        if (length > 1) {
            out += text.substr(i, length);
            i += length;
            continue;
        }
        const char c = text[i++];
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            case '\t':
            case '\n':
                out += c;
                break;
            default:
                if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) out += c;
        }
    }
    return out;
}

void Html::tag(Name element, Attributes attributes, bool void_element) {
    out_ += '<';
    out_ += element.view();
    for (const auto& [name, value] : attributes) {
        out_ += ' ';
        out_ += name.view();
        out_ += "=\"";
        out_ += escaped(value);
        out_ += '"';
    }
    // SVG shapes need the slash; HTML's void elements tolerate it.
    out_ += void_element ? "/>" : ">";
}

Html& Html::open(Name element, Attributes attributes) {
    tag(element, attributes, false);
    stack_.push_back(element.view());
    return *this;
}

Html& Html::close() {
    STELLATE_ASSERT(!stack_.empty(), stack_.size());
    out_ += "</";
    out_ += stack_.back();
    out_ += '>';
    // A line end after blocks keeps the file readable without touching the space between inline elements.
    const std::string_view name = stack_.back();
    if (name == "section" || name == "div" || name == "tr" || name == "table" || name == "svg" || name == "figure" ||
        name == "p")
        out_ += '\n';
    stack_.pop_back();
    return *this;
}

Html& Html::empty(Name element, Attributes attributes) {
    tag(element, attributes, true);
    return *this;
}

Html& Html::text(std::string_view text) {
    out_ += escaped(text);
    return *this;
}

Html& Html::element(Name element, std::string_view content, Attributes attributes) {
    return open(element, attributes).text(content).close();
}

Html& Html::inline_code(Name element, Name content) {
    STELLATE_ASSERT(content.view().find("</") == std::string_view::npos, element.view());
    open(element);
    out_ += content.view();
    return close();
}

std::string Html::take() {
    STELLATE_ASSERT(stack_.empty(), stack_.size());
    return "<!DOCTYPE html>\n" + std::move(out_) + "\n";
}

}  // namespace stellate::report
