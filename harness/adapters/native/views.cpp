#include "views.hpp"

#include <algorithm>
#include <cstring>

#include "bufspec/scenario.hpp"
#include "suites/engine/observe/probe.hpp"

namespace bufspec::native {

namespace {

std::vector<ssize> values_of(const bufspec_ssize* values, int count) {
  return values == nullptr ? std::vector<ssize>{} : std::vector<ssize>{values, values + std::max(count, 0)};
}

}  // namespace

std::vector<ssize> elements_in(const bufspec_buffer& view, std::span<char> block) {
  if (view.suboffsets == nullptr) {
    const auto begin = reinterpret_cast<std::uintptr_t>(block.data());
    for (std::uintptr_t low = reinterpret_cast<std::uintptr_t>(view.buf),
                        high = low + static_cast<std::uintptr_t>(view.itemsize), d = 0;
         d <= static_cast<std::uintptr_t>(view.ndim); ++d) {
      if (d == static_cast<std::uintptr_t>(view.ndim)) {
        if (view.len > 0 && (low < begin || high > begin + block.size())) return {};
        break;
      }
      const ssize reach = view.strides[d] * std::max<ssize>(view.shape[d] - 1, 0);
      (reach < 0 ? low : high) += static_cast<std::uintptr_t>(reach);
    }
  }
  Buffer copied;
  std::memcpy(&copied, &view, sizeof copied);
  return element_numbers(copied);
}

std::optional<std::string> bytes_of(const bufspec_buffer& view) {
  if (view.len < 0 || view.len > large_memory) return std::nullopt;
  // What the library claims need not be there: it is not read in place.
  std::string bytes(static_cast<std::size_t>(view.len), '\0');
  if (engine::read_safely(view.buf, bytes) != bytes.size()) return std::nullopt;
  return bytes;
}

TableValue shape_of(const bufspec_functions& functions, const View& view) {
  const bufspec_buffer& full = *functions.memoryview_get_buffer(view.get());
  return Found()
      .put("ndim", full.ndim)
      .put("shape", values_of(full.shape, full.ndim))
      .put("strides", values_of(full.strides, full.ndim))
      .put("suboffsets", values_of(full.suboffsets, full.suboffsets == nullptr ? 0 : full.ndim))
      .put("format", full.format)
      .put("itemsize", full.itemsize)
      .put("readonly", full.readonly != 0)
      .put("len", full.len)
      .put("obj_null", functions.memoryview_get_base(view.get()) == nullptr)
      .value();
}

bufspec_ssize bound_in(const TableValue& given, const char* key) {
  return given.find(key) == nullptr ? BUFSPEC_NO_BOUND : static_cast<bufspec_ssize>(number_in(given, key));
}

bool has_views(const bufspec_functions& functions) noexcept {
  return functions.memoryview_from_object != nullptr && functions.memoryview_get_buffer != nullptr &&
         functions.memoryview_get_base != nullptr && functions.drop != nullptr;
}

}  // namespace bufspec::native
