#include "many_views.hpp"

namespace bufspec::engine {

ManyViews::ManyViews(Exported& exported, std::size_t most)
    : exported_(exported), structs_(new PoisonedView[most]), held_(most) {}

bool ManyViews::ask(int flags) {
  if (count_ == held_.size()) return false;
  Buffer& view = structs_[count_].view();
  if (exported_.ask(view, flags, Route::library) != 0) {
    exported_.forget_exception();
    return false;
  }
  const bool can_release = view.obj != nullptr && !is_poison(view.obj) && can_be_released(exported_.owner(view.obj));
  held_[count_++].emplace(exported_, view, can_release);
  return true;
}

bool ManyViews::release_newest() {
  if (count_ == 0) return false;
  held_[--count_].reset();
  exported_.forget_exception();
  return true;
}

void ManyViews::release_all() {
  while (release_newest()) {
  }
}

}  // namespace bufspec::engine
