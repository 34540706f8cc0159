// How does a JSON text, or a table, change into another one?  Values between brackets and whole lines are taken out, repeated
// and moved; words become other words of the tables, numbers those at the ends of what a number can be.
#include <algorithm>
#include <string>

#include "mutator.hpp"

namespace bufspec::fuzz {

namespace {

struct Piece {
  std::size_t begin = 0, end = 0;
};

bool is_of_word(std::uint8_t one) {
  return (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') || (one >= '0' && one <= '9') || one == '_' ||
         one == '-' || one == '.';
}

Piece word_at(const Bytes& text, std::size_t at) {
  Piece piece{at, at};
  while (piece.begin > 0 && is_of_word(text[piece.begin - 1])) --piece.begin;
  while (piece.end < text.size() && is_of_word(text[piece.end])) ++piece.end;
  return piece;
}

Piece line_at(const Bytes& text, std::size_t at) {
  Piece piece{at, at};
  while (piece.begin > 0 && text[piece.begin - 1] != '\n') --piece.begin;
  while (piece.end < text.size() && text[piece.end] != '\n') ++piece.end;
  piece.end = std::min(piece.end + 1, text.size());
  return piece;
}

// What begins with the next bracket, up to the one that closes it.
Piece value_at(const Bytes& text, std::size_t at) {
  while (at < text.size() && text[at] != '{' && text[at] != '[') ++at;
  Piece piece{at, at};
  int depth = 0;
  while (piece.end < text.size()) {
    const std::uint8_t one = text[piece.end++];
    if (one == '{' || one == '[') ++depth;
    if ((one == '}' || one == ']') && --depth == 0) break;
  }
  return piece;
}

std::string of(const Bytes& text, Piece piece) {
  return {text.begin() + static_cast<std::ptrdiff_t>(piece.begin),
          text.begin() + static_cast<std::ptrdiff_t>(piece.end)};
}

void replace(Bytes& text, Piece piece, std::string_view with) {
  const auto begin = text.begin() + static_cast<std::ptrdiff_t>(piece.begin);
  text.erase(begin, text.begin() + static_cast<std::ptrdiff_t>(piece.end));
  put(text, piece.begin, with);
}

}  // namespace

void mutate(Bytes& input, Random& random) {
  constexpr std::string_view numbers[]{"0",
                                       "1",
                                       "-1",
                                       "2",
                                       "64",
                                       "65",
                                       "255",
                                       "1024",
                                       "2147483647",
                                       "9223372036854775807",
                                       "-9223372036854775808",
                                       "18446744073709551616",
                                       "1.5",
                                       "null",
                                       "true",
                                       "[]",
                                       "{}"};
  for (std::size_t n = 1 + random.below(3); n > 0; --n) {
    const std::size_t at = random.below(input.size() + 1);
    switch (random.below(8)) {
      case 0:
        replace(input, word_at(input, at), words()[random.below(words().size())]);
        break;
      case 1:
        replace(input, word_at(input, at), numbers[random.below(std::size(numbers))]);
        break;
      case 2:
        put(input, at, words()[random.below(words().size())]);
        break;
      case 3:
        replace(input, value_at(input, at), random.one_in(2) ? "[]" : "null");
        break;
      case 4:
        replace(input, value_at(input, at), of(input, value_at(input, random.below(input.size() + 1))));
        break;
      case 5:
        replace(input, line_at(input, at), "");
        break;
      case 6: {
        const std::string line = of(input, line_at(input, random.below(input.size() + 1)));
        const std::size_t begin = line_at(input, at).begin;
        put(input, begin, line);
        break;
      }
      default:
        put(input, at, std::string(1 + random.below(3), random.one_in(2) ? ' ' : '\n'));
    }
  }
}

}  // namespace bufspec::fuzz
