#include "core/error.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <tuple>
#include <utility>

#include "core/utf8.hpp"

namespace stellate {

std::string to_string(const Problem& problem) {
    std::string text = problem.place.file;
    if (problem.place.line > 0) text += ":" + std::to_string(problem.place.line);
    if (problem.place.column > 0) text += ":" + std::to_string(problem.place.column);
    if (!text.empty()) text += ": ";
    if (!problem.key.empty()) text += problem.key + ": ";
    return text + problem.message;
}

std::string where(const Place& place) { return place.line > 0 ? "line " + std::to_string(place.line) : place.file; }

namespace {
std::string joined(const std::vector<Problem>& problems) {
    constexpr std::size_t most = 20;
    std::string text;
    for (std::size_t i = 0; i < problems.size() && i < most; ++i) text += (i ? "\n" : "") + to_string(problems[i]);
    if (problems.size() > most) text += "\n... and " + std::to_string(problems.size() - most) + " more";
    return text;
}
}  // namespace

InputError::InputError(std::vector<Problem> problems)
    : std::runtime_error(joined(problems)), problems_(std::move(problems)) {}
InputError::InputError(Problem problem) : InputError(std::vector<Problem>{std::move(problem)}) {}
InputError::InputError(Place place, std::string key, std::string message)
    : InputError(Problem{std::move(place), std::move(key), std::move(message)}) {}

void Problems::add(Place place, std::string key, std::string message) {
    problems_.push_back({std::move(place), std::move(key), std::move(message)});
}

void Problems::add(const Problems& others) {
    problems_.insert(problems_.end(), others.problems_.begin(), others.problems_.end());
}

void Problems::add(const InputError& error) {
    problems_.insert(problems_.end(), error.problems().begin(), error.problems().end());
}

void Problems::throw_if_any() const {
    if (problems_.empty()) return;
    std::vector<std::size_t> order(problems_.size());
    for (std::size_t n = 0; n < order.size(); ++n) order[n] = n;
    std::sort(order.begin(), order.end(), [this](std::size_t i, std::size_t j) {
        const Place &a = problems_[i].place, &b = problems_[j].place;
        return std::tie(a.file, a.line, a.column, i) < std::tie(b.file, b.line, b.column, j);
    });
    std::vector<Problem> sorted;
    for (const std::size_t n : order) sorted.push_back(problems_[n]);
    throw InputError(std::move(sorted));
}

namespace {
// Damerau-Levenshtein distance, restricted form (adjacent transpositions count one).
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i)
        for (std::size_t j = 1; j <= b.size(); ++j) {
            d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
        }
    return d[a.size()][b.size()];
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}
}  // namespace

std::string nearest_name(std::string_view wrong, const std::vector<std::string>& names) {
    const std::string wanted = lower(wrong);
    if (wanted.empty()) return {};
    const std::size_t allowed = std::max<std::size_t>(2, wanted.size() / 3);
    std::string best;
    std::pair best_distance{allowed + 1, std::size_t{0}};
    for (const std::string& name : names) {
        const std::string candidate = lower(name);
        // Names that are one the other's beginning are near whatever their lengths; a shade behind a one-letter slip.
        const bool prefix = wanted.size() >= 3 && candidate.size() >= 3 &&
                            (candidate.starts_with(wanted) || wanted.starts_with(candidate));
        if (!prefix && candidate.size() > wanted.size() + allowed) continue;
        if (wanted.size() > 200) continue;  // a runaway line is nobody's misspelling
        const std::size_t edits = edit_distance(wanted, candidate);
        const std::pair distance{prefix ? std::min<std::size_t>(edits, 2) : edits, edits};
        if (distance < best_distance) {
            best_distance = distance;
            best = name;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view wrong, const std::vector<std::string>& names) {
    const std::string near = nearest_name(wrong, names);
    if (near.empty()) return {};
    // A letter of another alphabet may look just like ours.
    const auto foreign =
        std::find_if(wrong.begin(), wrong.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    if (foreign == wrong.end()) return " (did you mean '" + near + "'?)";
    const std::string_view rest = wrong.substr(std::size_t(foreign - wrong.begin()));
    return " (did you mean '" + near + "'? '" +
           std::string(rest.substr(0, std::max<std::size_t>(1, utf8_length(rest)))) + "' is no ASCII letter)";
}

std::string listed(const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
    return list;
}

namespace detail {
void assertion_failed(const char* condition, const char* file, int line, const std::string& operands) {
    std::fprintf(stderr, "stellate: broken promise in the program: %s (%s:%d); %s\n", condition, file, line,
                 operands.c_str());
    std::abort();
}
}  // namespace detail

}  // namespace stellate
