// More views than there are slots, of one request, held at once.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "exported.hpp"
#include "suites/engine/observe/poisoned_view.hpp"

namespace bufspec::engine {

class ManyViews {
 public:
  // Makes room beforehand: no allocation may fail between a view and who releases it.
  ManyViews(Exported& exported, std::size_t most);
  ManyViews(const ManyViews&) = delete;
  ManyViews& operator=(const ManyViews&) = delete;
  ~ManyViews() { release_all(); }

  // One more; false where the exporter refuses, as who has enough of it at some number may, or where there is no room.
  [[nodiscard]] bool ask(int flags);
  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  [[nodiscard]] const Buffer& at(std::size_t number) const noexcept { return structs_[number].view(); }
  void release(std::size_t number) { held_[number]->now(); }
  // The newest first: who looks for what belongs to a view looks there first.
  void release_all();
  bool release_newest();  // false if there is none

 private:
  Exported& exported_;
  std::unique_ptr<PoisonedView[]> structs_;
  std::vector<std::optional<ReleasedAtEnd>> held_;
  std::size_t count_ = 0;
};

}  // namespace bufspec::engine
