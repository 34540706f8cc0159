#include "classes.hpp"

#include <algorithm>
#include <iterator>

#include "bufspec/trace.hpp"

namespace bufspec::engine {

std::optional<std::size_t> compound_number(int word) noexcept {
  const auto* const found =
      std::find_if(compounds.begin(), compounds.end(), [&](const Compound& one) { return one.word == word; });
  if (found == compounds.end()) return std::nullopt;
  return static_cast<std::size_t>(std::distance(compounds.begin(), found));
}

Class class_of_request(int word) noexcept {
  if (has(word, flag::INDIRECT)) return Class::indirect;
  if (has(word, flag::STRIDES)) return has(word, flag::FORMAT) ? Class::formatted : Class::strided;
  return has(word, flag::ND) ? Class::contiguous : Class::simple;
}

Class class_of_memory(unsigned needed) noexcept {
  const auto takes = [needed](unsigned some) { return (needed & some) != 0; };
  if (takes(capability::indirect)) return Class::indirect;
  if (takes(capability::strided | capability::fortran))
    return takes(capability::structures | capability::byte_order) ? Class::formatted : Class::strided;
  return takes(capability::several_dims | capability::zero_dim | capability::items) ? Class::contiguous : Class::simple;
}

}  // namespace bufspec::engine
