// The one writer of markup. Whatever comes from outside passes through text() or an attribute and is escaped there;
// markup itself comes only from element names and attribute names in the source. Elements close in order, or the
// program stops.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace stellate::report {

// A name written in the source: element and attribute names cannot be data.
class Name {
public:
    template <std::size_t N>
    consteval Name(const char (&text)[N]) : text_(text, N - 1) {}
    std::string_view view() const { return text_; }

private:
    std::string_view text_;
};

struct Attribute {
    Name name;
    std::string value;
};
using Attributes = std::initializer_list<Attribute>;

// Valid UTF-8 without control characters (other than tab and newline), with & < > " ' as references. Bytes that are
// not UTF-8 become U+FFFD.
std::string escaped(std::string_view text);

class Html {
public:
    Html& open(Name element, Attributes attributes = {});
    Html& close();                                          // the innermost open element
    Html& empty(Name element, Attributes attributes = {});  // <img>, <meta>, and SVG shapes
    Html& text(std::string_view text);
    Html& element(Name element, std::string_view text, Attributes attributes = {});  // <e>text</e>
    // Style or script: content from the source of this program only, checked not to close itself.
    Html& inline_code(Name element, Name content);

    std::string take();  // asserts that everything is closed

private:
    void tag(Name element, Attributes attributes, bool void_element);
    std::string out_;
    std::vector<std::string_view> stack_;
};

}  // namespace stellate::report
