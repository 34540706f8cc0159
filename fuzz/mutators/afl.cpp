// How does AFL++ change inputs, besides in ways of its own?  A library that afl-fuzz loads: AFL_CUSTOM_MUTATOR_LIBRARY.
#include <algorithm>

#include "mutator.hpp"

namespace {

struct Mutator {
  bufspec::fuzz::Random random;
  bufspec::fuzz::Bytes made;
};

}  // namespace

#define BUFSPEC_AFL extern "C" __attribute__((visibility("default")))

BUFSPEC_AFL void* afl_custom_init(void* /*afl*/, unsigned seed) { return new Mutator{bufspec::fuzz::Random(seed), {}}; }

BUFSPEC_AFL std::size_t afl_custom_fuzz(void* mutator, std::uint8_t* data, std::size_t size, std::uint8_t** out,
                                        std::uint8_t* other, std::size_t other_size, std::size_t most) {
  auto& [random, made] = *static_cast<Mutator*>(mutator);
  made.assign(data, data + size);
  if (other != nullptr && random.one_in(8))
    bufspec::fuzz::cross(made, bufspec::fuzz::Bytes(other, other + other_size), random);
  bufspec::fuzz::mutate(made, random);
  if (made.empty()) made.push_back(0);  // afl-fuzz takes nothing empty
  made.resize(std::min(made.size(), most));
  *out = made.data();
  return made.size();
}

BUFSPEC_AFL void afl_custom_deinit(void* mutator) { delete static_cast<Mutator*>(mutator); }
