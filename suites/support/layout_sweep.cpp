#include "layout_sweep.hpp"

#include <algorithm>

namespace bufspec {

namespace {

constexpr ssize pointer_size = 8;

class LayoutSweep {
 public:
  LayoutSweep(const SweepRow& sweep, const std::function<void(const Layout&)>& visit) : sweep_(sweep), visit_(visit) {}

  std::size_t run() {
    for (const ssize itemsize : sweep_.itemsizes)
      for (int ndim = 0; ndim <= sweep_.ndim_max; ++ndim) shapes(itemsize, ndim, 0);
    return count_;
  }

 private:
  void shapes(ssize itemsize, int ndim, std::size_t dimension) {
    if (dimension < static_cast<std::size_t>(ndim)) {
      for (const ssize extent : sweep_.extents) {
        layout_.shape[dimension] = extent;
        shapes(itemsize, ndim, dimension + 1);
      }
      return;
    }
    layout_.ndim = ndim;
    layout_.itemsize = itemsize;
    layout_.format = sweep_format(itemsize);
    layout_.has_strides = false;
    layout_.has_suboffsets = false;
    give();
    layout_.has_strides = true;
    for (const bool with_suboffsets : sweep_.suboffsets) {
      layout_.has_suboffsets = with_suboffsets;
      if (!with_suboffsets)
        strides(-1, 0);
      else if (ndim > 0)
        suboffsets(0);
    }
  }

  void suboffsets(std::size_t dimension) {
    if (dimension < dimensions()) {
      for (const ssize value : {ssize{-1}, ssize{0}}) {
        layout_.suboffsets[dimension] = value;
        suboffsets(dimension + 1);
      }
      return;
    }
    int last = -1;
    for (std::size_t i = 0; i < dimensions(); ++i)
      if (layout_.suboffsets[i] >= 0) last = static_cast<int>(i);
    strides(last, 0);
    if (last < 0) return;
    ssize& inner = layout_.suboffsets[static_cast<std::size_t>(last)];
    inner = layout_.itemsize;
    strides(last, 0);
    inner = 0;
  }

  // Up to `last_pointer` a dimension steps over pointers.
  void strides(int last_pointer, std::size_t dimension) {
    if (dimension == dimensions()) return give();
    const ssize step = static_cast<int>(dimension) <= last_pointer ? pointer_size : layout_.itemsize;
    for (const ssize items : sweep_.strides_in_items) {
      layout_.strides[dimension] = items * step;
      strides(last_pointer, dimension + 1);
    }
    if (layout_.shape[dimension] != 1) return;
    for (const ssize bytes : sweep_.strides_for_extent_one) {
      const auto& in_items = sweep_.strides_in_items;
      if (bytes % step == 0 && std::find(in_items.begin(), in_items.end(), bytes / step) != in_items.end()) continue;
      layout_.strides[dimension] = bytes;
      strides(last_pointer, dimension + 1);
    }
  }

  void give() {
    place_in_block();
    for (const bool readonly : sweep_.readonly) {
      layout_.readonly = readonly;
      visit_(layout_);
      ++count_;
    }
  }

  // The smallest block with room for each element; at least one item, so that an empty memory has an address too.
  void place_in_block() {
    ssize below = 0;
    ssize above = 0;
    ssize elements = 1;
    for (std::size_t i = 0; i < dimensions(); ++i) elements *= layout_.shape[i];
    for (std::size_t i = 0; elements > 0 && layout_.has_strides && i < dimensions(); ++i) {
      if (layout_.shape[i] == 1) continue;
      const ssize reach = layout_.strides[i] * (layout_.shape[i] - 1);
      (reach < 0 ? below : above) += reach;
    }
    if (!layout_.has_strides) above = std::max<ssize>(0, elements - 1) * layout_.itemsize;
    layout_.offset = -below;
    layout_.block = above - below + layout_.itemsize;
  }

  [[nodiscard]] std::size_t dimensions() const { return static_cast<std::size_t>(layout_.ndim); }

  const SweepRow& sweep_;
  const std::function<void(const Layout&)>& visit_;
  Layout layout_;
  std::size_t count_ = 0;
};

}  // namespace

std::size_t each_layout(const SweepRow& sweep, const std::function<void(const Layout&)>& visit) {
  return LayoutSweep(sweep, visit).run();
}

const char* sweep_format(ssize itemsize) {
  switch (itemsize) {
    case 2:
      return "h";
    case 4:
      return "i";
    case 8:
      return "q";
    default:
      return "B";
  }
}

}  // namespace bufspec
