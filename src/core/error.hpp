// Errors and who is to blame. A user's mistake is an InputError (exit 2: file, line, key, what was expected, nearest
// name); a run that cannot go on is a RunError (exit 1: phase, tick, brick, cell); a programmer's is an assertion that
// prints its operands and aborts. Libraries never print or exit; the program's main does.
#pragma once

#include <cstdint>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace stellate {

struct Place {
    std::string file;
    int line = 0;    // 1-based; 0 = not known
    int column = 0;  // 1-based; 0 = not known
};

// One mistake in a user's input.
struct Problem {
    Place place;
    std::string key;      // dotted path, may be empty
    std::string message;  // what was found, what was expected, nearest valid name
};

std::string to_string(const Problem& problem);  // "file:line:column: key: message"
std::string where(const Place& place);          // for another place of the same file: "line 8", or the option's name

class InputError : public std::runtime_error {
public:
    explicit InputError(std::vector<Problem> problems);
    explicit InputError(Problem problem);
    InputError(Place place, std::string key, std::string message);
    const std::vector<Problem>& problems() const { return problems_; }

private:
    std::vector<Problem> problems_;
};

// Collects mistakes so that all of a file's are told in one go (at most 20 are kept in the message), ordered by line.
class Problems {
public:
    void add(Place place, std::string key, std::string message);
    void add(const Problems& others);
    void add(const InputError& error);
    std::size_t size() const { return problems_.size(); }
    bool empty() const { return problems_.empty(); }
    void throw_if_any() const;

private:
    std::vector<Problem> problems_;
};

// A run that stopped itself: numbers that are not finite, a step limit passed, a solver that did not converge.
class RunError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// The nearest of `names` by Damerau-Levenshtein distance (at most max(2, length/3)) or shared prefix; empty if none is
// near.
std::string nearest_name(std::string_view wrong, const std::vector<std::string>& names);
// " (did you mean 'x'?)" or "" ; appended to messages.
std::string did_you_mean(std::string_view wrong, const std::vector<std::string>& names);

// "a, b, c".
std::string listed(const std::vector<std::string>& names);

namespace detail {
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line, const std::string& operands);
template <class... Operands>
std::string describe(const char* names, const Operands&... operands) {
    std::ostringstream out;
    out << names << " =";
    ((out << ' ' << operands), ...);
    return out.str();
}
}  // namespace detail

}  // namespace stellate

#define STELLATE_ASSERT(condition, ...)                                                                    \
    do {                                                                                                   \
        if (!(condition))                                                                                  \
            ::stellate::detail::assertion_failed(#condition, __FILE__, __LINE__,                           \
                                                 ::stellate::detail::describe(#__VA_ARGS__, __VA_ARGS__)); \
    } while (false)
