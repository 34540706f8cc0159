// The exporter that a consumer of a shared library is given: the reference's memory as an object of bufspec_subject.h that
// writes down what it is asked, and behaves in each way that the protocol allows.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "bufspec/trace.hpp"
#include "bufspec_subject.h"
#include "suites/engine/memory/handed_memory.hpp"

namespace bufspec::native {

// What a lent object does, beside keeping every rule.
struct LentHabits {
  std::uint32_t behaviours = 0;  // behaviour::*
  std::uint8_t refused_requests = 0;  // bit k: request number k is refused
  std::function<void()> consume_plain;  // what behaviour::reenters_consumer does
};

class Lent {
 public:
  Lent(std::shared_ptr<engine::PlannedMemory> plan, LentHabits habits);
  Lent(const Lent&) = delete;
  Lent& operator=(const Lent&) = delete;

  // Whether there was room for the memory.
  [[nodiscard]] bool is_set() const noexcept { return memory_.is_set(); }
  [[nodiscard]] bufspec_object& object() noexcept { return self_.object; }
  // Gives up our reference to the object.
  void let_go() noexcept;
  // Whether anybody still has a reference to it, or a view.
  [[nodiscard]] bool is_held() const noexcept { return self_.object.references > 0 || views_held() > 0; }

  [[nodiscard]] std::vector<Consumed::Request> requests() const;
  [[nodiscard]] int stray_releases() const noexcept { return stray_releases_; }
  [[nodiscard]] int views_held() const noexcept;
  // References to the object and to the one that stands in for it, beyond our own.
  [[nodiscard]] long references_kept() const noexcept;

  // What the consumer has written since renew_memory().
  [[nodiscard]] engine::MemoryChange change() const;
  [[nodiscard]] std::string elements() const;
  // Writes the memory anew, where it was changed.  Not while a view is held.
  void renew_memory();
  // Where the memory lies that the last view shows.
  [[nodiscard]] const char* memory() const noexcept { return shown_ != nullptr ? shown_ : memory_.data(); }

 private:
  struct Request {
    Consumed::Request seen;
    std::size_t number = 0;
    engine::HandedView view;
  };
  struct Object {
    bufspec_object object;
    Lent* lent;
  };

  static int get_buffer(bufspec_object* self, bufspec_buffer* view, int flags);
  static void release_buffer(bufspec_object* self, bufspec_buffer* view);
  static const bufspec_type type;

  [[nodiscard]] bool has(std::uint32_t behaviour) const noexcept { return (habits_.behaviours & behaviour) != 0; }
  int answer(Object& self, bufspec_buffer& view, int flags);
  int refuse(bufspec_buffer& view, Error error);
  int grant(Object& self, bufspec_buffer& view, Request& request);
  void release(Object& self, bufspec_buffer& view);
  [[nodiscard]] Request* find(const Buffer& view) noexcept;
  [[nodiscard]] char* memory_held() const noexcept;
  void act_inside(Object& self, bool at_release);

  LentHabits habits_;
  engine::HandedMemory memory_;
  Object self_;
  Object stand_in_;  // the owner of redirected views, and of refusals that lie
  mutable std::mutex mutex_;
  std::deque<Request> requests_;  // which do not move
  const char* shown_ = nullptr;
  bool is_ours_ = true;  // our reference to the object is still there
  long lent_ = 0;  // references that a lie was told with
  int stray_releases_ = 0;
};

}  // namespace bufspec::native
