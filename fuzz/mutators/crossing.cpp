// What do two inputs make together, whatever their form?
#include <algorithm>

#include "mutator.hpp"

namespace bufspec::fuzz {

void cross(Bytes& input, const Bytes& other, Random& random) {
  if (input.empty() || other.empty()) return;
  input.resize(1 + random.below(input.size()));
  const std::size_t from = random.below(other.size());
  input.insert(input.end(), other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
}

}  // namespace bufspec::fuzz
