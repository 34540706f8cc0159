// Element values: what the bytes of an item mean by its format, as far as comparing them goes.
// Table: spec/tables/75-memoryview.yaml (memoryview.compare.*).
// Knows the formats of the struct module only, like the comparison of memoryviews that it is for.
#pragma once

#include <cstdint>
#include <string_view>

#include "bufspec/errors.hpp"
#include "bufspec/format.hpp"
#include "bufspec/requests.hpp"

namespace bufspec {

// Reads items of one format; made once for many items.
class ItemReader {
 public:
  // Fails: struct_error for a format that the struct module does not take or that is longer than `itemsize`.
  [[nodiscard]] static Result<ItemReader> make(std::string_view format, ssize itemsize,
                                               std::uint32_t runtime = latest_runtime);

  // Whether the item at `left`, read by this reader, has the same values as the one at `right`, read by the other:
  // as many, and each equal as Python compares numbers and bytes, whatever their sizes [memoryview.compare.equal].
  // NaN is unequal to all.
  // Requires: the bytes of both items are there.
  [[nodiscard]] bool items_equal(const char* left, const ItemReader& other, const char* right) const noexcept;

 private:
  Format format_;
};

}  // namespace bufspec
