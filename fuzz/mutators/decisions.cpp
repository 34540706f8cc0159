// How does a list of decisions change into another one (drawn.hpp)?  The memories at its beginning keep their lengths right,
// and records are moved whole.
#include <algorithm>
#include <cstddef>

#include "bufspec/layout.hpp"
#include "bufspec/scenario.hpp"
#include "fuzz/drawn.hpp"
#include "mutator.hpp"

namespace bufspec::fuzz {

namespace {

std::uint8_t usual_byte(Random& random) {
  constexpr std::uint8_t usual[]{0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 127, 128, 255};
  return random.one_in(2) ? random.byte() : usual[random.below(std::size(usual))];
}

// The bytes that spell a memory: the first one says how many follow.
void change_memory(Bytes& input, Random& random) {
  if (input.empty()) input.push_back(0);
  const std::size_t length = std::min<std::size_t>(input[0], input.size() - 1);
  Bytes spelled(input.begin() + 1, input.begin() + 1 + static_cast<std::ptrdiff_t>(length));
  const std::size_t at = random.below(spelled.size());
  switch (spelled.empty() ? 0 : random.below(4)) {
    case 0:
      spelled.insert(spelled.begin() + static_cast<std::ptrdiff_t>(random.below(spelled.size() + 1)),
                     usual_byte(random));
      break;
    case 1:
      spelled.erase(spelled.begin() + static_cast<std::ptrdiff_t>(at));
      break;
    case 2:
      spelled[at] = usual_byte(random);
      break;
    default:
      spelled[at] = static_cast<std::uint8_t>(spelled[at] ^ 1U << random.below(8));
  }
  spelled.resize(std::min<std::size_t>(spelled.size(), 255));
  input.erase(input.begin(), input.begin() + 1 + static_cast<std::ptrdiff_t>(length));
  input.insert(input.begin(), spelled.begin(), spelled.end());
  input.insert(input.begin(), static_cast<std::uint8_t>(spelled.size()));
}

void change_records(Bytes& input, Random& random) {
  const std::size_t first = input.empty() ? 0 : std::min<std::size_t>(input[0] + 1U, input.size());
  const std::size_t records = (input.size() - first) / record_bytes;
  const auto place = [&](std::size_t record) {
    return input.begin() + static_cast<std::ptrdiff_t>(first + record * record_bytes);
  };
  const auto insert = [&](const Bytes& record) {
    input.insert(place(random.below(records + 1)), record.begin(), record.end());
  };
  if (records == 0 || random.one_in(3)) {
    Bytes record(record_bytes);
    for (std::uint8_t& one : record) one = usual_byte(random);
    record[1] = static_cast<std::uint8_t>(random.below(4));
    return insert(record);
  }
  const auto at = place(random.below(records));
  switch (random.below(4)) {
    case 0:
      input.erase(at, at + static_cast<std::ptrdiff_t>(record_bytes));
      break;
    case 1:
      insert(Bytes(at, at + static_cast<std::ptrdiff_t>(record_bytes)));
      break;
    case 2:
      std::swap_ranges(at, at + static_cast<std::ptrdiff_t>(record_bytes), place(random.below(records)));
      break;
    default:
      at[static_cast<std::ptrdiff_t>(random.below(record_bytes))] = usual_byte(random);
  }
}

}  // namespace

void mutate(Bytes& input, Random& random) {
  for (std::size_t n = 1 + random.below(3); n > 0; --n) {
    if (random.one_in(2))
      change_memory(input, random);
    else
      change_records(input, random);
  }
}

}  // namespace bufspec::fuzz
