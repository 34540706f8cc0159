// How does libFuzzer change inputs: half of the time as the form of the input has it, half in ways of its own?
#include <algorithm>
#include <cstring>

#include "mutator.hpp"

// An engine without ways of its own does not have it.
extern "C" __attribute__((weak)) std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace {

using bufspec::fuzz::Bytes;

std::size_t give_back(const Bytes& input, std::uint8_t* data, std::size_t most) {
  const std::size_t size = std::min(input.size(), most);
  if (size > 0) std::memcpy(data, input.data(), size);
  return size;
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  bufspec::fuzz::Random random(seed);
  if (LLVMFuzzerMutate != nullptr && random.one_in(2)) return LLVMFuzzerMutate(data, size, most);
  Bytes input(data, data + size);
  bufspec::fuzz::mutate(input, random);
  return give_back(input, data, most);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* one, std::size_t one_size,
                                                 const std::uint8_t* other, std::size_t other_size, std::uint8_t* out,
                                                 std::size_t most, unsigned seed) {
  bufspec::fuzz::Random random(seed);
  Bytes input(one, one + one_size);
  bufspec::fuzz::cross(input, Bytes(other, other + other_size), random);
  return give_back(input, out, most);
}
