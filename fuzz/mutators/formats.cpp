// How does a format string change into another one?  Words of both grammars are put in, taken out and repeated, members
// are wrapped in structures, and counts move to where sizes overflow.
#include <algorithm>
#include <string>

#include "mutator.hpp"

namespace bufspec::fuzz {

namespace {

// Where a token ends that begins at `at`: a count with what it counts, or one character.
std::size_t end_of_token(const Bytes& text, std::size_t at) {
  const auto is_digit = [&](std::size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '9'; };
  while (is_digit(at)) ++at;
  return std::min(at + 1, text.size());
}

}  // namespace

void mutate(Bytes& input, Random& random) {
  constexpr std::string_view counts[]{"0",
                                      "1",
                                      "2",
                                      "3",
                                      "7",
                                      "255",
                                      "16384",
                                      "65536",
                                      "4611686018427387904",
                                      "9223372036854775807",
                                      "9223372036854775808",
                                      "00"};
  for (std::size_t n = 1 + random.below(3); n > 0; --n) {
    const std::size_t at = random.below(input.size() + 1);
    const std::size_t end = end_of_token(input, at);
    const auto begin = input.begin() + static_cast<std::ptrdiff_t>(at);
    const auto past = input.begin() + static_cast<std::ptrdiff_t>(end);
    switch (random.below(8)) {
      case 0:
      case 1:
        put(input, at, words()[random.below(words().size())]);
        break;
      case 2:
        put(input, at, counts[random.below(std::size(counts))]);
        break;
      case 3:
        input.erase(begin, past);
        break;
      case 4: {
        const std::string token(begin, past);
        put(input, random.below(input.size() + 1), token);
        break;
      }
      case 5:
        put(input, end, random.one_in(2) ? "}" : ":x:}");
        put(input, at, "T{");
        break;
      case 6:
        put(input, at, random.one_in(2) ? "(2,3)" : "(" + std::to_string(random.below(70000)) + ")");
        break;
      default: {  // the other one of a pair: the same, or one token more
        const Bytes one(input.begin(), std::find(input.begin(), input.end(), '\n'));
        input = one;
        input.push_back('\n');
        input.insert(input.end(), one.begin(), one.end());
      }
    }
  }
}

}  // namespace bufspec::fuzz
