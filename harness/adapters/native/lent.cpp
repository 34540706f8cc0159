#include "lent.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "buffer.hpp"

namespace bufspec::native {

namespace {

// References are given up by consumers, in any thread.
std::atomic_ref<bufspec_ssize> counted(bufspec_object& object) noexcept {
  return std::atomic_ref<bufspec_ssize>(object.references);
}

// What a view keeps in `internal`: an odd number far from every address, by which its request is found.
constexpr std::uintptr_t token_mark = std::uintptr_t{0x5eed} << 48;
constexpr auto a_while = std::chrono::microseconds(50);

thread_local const Lent* inside = nullptr;  // the object inside whose request or release we are
thread_local bufspec_error last_error = BUFSPEC_OK;

bufspec_error take_last_error() { return std::exchange(last_error, BUFSPEC_OK); }

void* token_of(std::size_t number) noexcept { return reinterpret_cast<void*>(token_mark | (number << 1U) | 1U); }

}  // namespace

const bufspec_type Lent::type{get_buffer, release_buffer, take_last_error, nullptr, BUFSPEC_IS_OBJECT};

Lent::Lent(std::shared_ptr<engine::PlannedMemory> plan, LentHabits habits)
    : habits_(std::move(habits)),
      memory_(std::move(plan), habits_.behaviours),
      self_{{&type, 1}, this},
      stand_in_{{&type, 1}, this} {}

void Lent::let_go() noexcept {
  if (is_ours_) --counted(self_.object);
  is_ours_ = false;
}

int Lent::get_buffer(bufspec_object* self, bufspec_buffer* view, int flags) {
  auto& object = *reinterpret_cast<Object*>(self);
  return object.lent->answer(object, *view, flags);
}

void Lent::release_buffer(bufspec_object* self, bufspec_buffer* view) {
  auto& object = *reinterpret_cast<Object*>(self);
  object.lent->release(object, *view);
}

int Lent::answer(Object& self, bufspec_buffer& view, int flags) {
  if (inside == this) {  // ours: answered plainly, and not written down
    const std::lock_guard lock(mutex_);
    Buffer plain{};
    Exporter& model = memory_.plan().model();
    if (!model.get_buffer(flags, plain).ok()) return -1;
    model.release_buffer(plain);
    model.drop_reference();
    return -1;
  }
  Request* request = nullptr;
  std::size_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    number = requests_.size();
    request = &requests_.emplace_back();
    request->seen.flags = flags;
    request->number = number;
    request->view.place = &engine_buffer(view);
  }
  act_inside(self, false);
  if (refuses(habits_.behaviours, habits_.refused_requests, number, flags)) return refuse(view, Error::buffer_error);
  return grant(self, view, *request);
}

int Lent::refuse(bufspec_buffer& view, Error error) {
  if (has(behaviour::lie_obj)) {
    // Nobody owns this reference; whoever gives it up takes one of those that are set aside for it.
    ++counted(stand_in_.object);
    ++lent_;
    view.obj = &stand_in_.object;
  } else if (!has(behaviour::refusal_untouched)) {
    view.obj = nullptr;
  }
  if (has(behaviour::refusal_memory_error)) error = Error::memory_error;
  if (has(behaviour::refusal_runtime_error)) error = Error::other;
  if (has(behaviour::refusal_value_error)) error = Error::value_error;
  last_error = static_cast<bufspec_error>(error);
  return -1;
}

int Lent::grant(Object& self, bufspec_buffer& view, Request& request) {
  const std::lock_guard lock(mutex_);
  Exporter& model = memory_.plan().model();
  Buffer answer{};
  const Status status = model.get_buffer(request.seen.flags, answer);
  if (!status.ok()) return refuse(view, status.error);
  model.release_buffer(answer);
  model.drop_reference();
  std::memcpy(&view, &answer, sizeof view);
  // Parts of the struct may point into it.
  if (!memory_.hand_out(request.seen.flags, false, request.view, engine_buffer(view)))
    return refuse(view, Error::memory_error);
  Object& owner = has(behaviour::redirected) ? stand_in_ : self;
  ++counted(owner.object);
  view.obj = &owner.object;
  view.internal = token_of(request.number);
  request.view.handed = engine_buffer(view);
  shown_ = request.view.memory;
  request.seen.granted = true;
  return 0;
}

Lent::Request* Lent::find(const Buffer& view) noexcept {
  const auto last_that = [&](auto&& fits) -> Request* {
    const auto found = std::find_if(requests_.rbegin(), requests_.rend(), fits);
    return found == requests_.rend() ? nullptr : &*found;
  };
  const auto is_out = [](const Request& one) { return one.seen.granted && one.seen.releases == 0; };
  if (Request* const found =
          last_that([&](const Request& one) { return one.seen.granted && token_of(one.number) == view.internal; }))
    return found;
  if (Request* const found = last_that([&](const Request& one) { return is_out(one) && one.view.place == &view; }))
    return found;
  return last_that([&](const Request& one) {
    return is_out(one) && one.view.handed.buf == view.buf && one.view.handed.len == view.len;
  });
}

void Lent::release(Object& self, bufspec_buffer& view) {
  {
    const std::lock_guard lock(mutex_);
    Request* const request = find(engine_buffer(view));
    if (request != nullptr && request->seen.releases++ == 0) {
      request->seen.changed |= memory_.take_back(request->view, engine_buffer(view));
    } else {
      if (request == nullptr) ++stray_releases_;
      // The reference that goes with this release was never the consumer's to give up.
      if (&self == &stand_in_ && lent_ > 0)
        --lent_;
      else
        ++counted(self.object);
    }
  }
  act_inside(self, true);
}

void Lent::act_inside(Object& self, bool at_release) {
  if (inside == this) return;
  const Lent* const before = std::exchange(inside, this);
  if (has(behaviour::reenters)) {
    bufspec_buffer view{};
    static_cast<void>(bufspec_get_buffer(&self.object, &view, BUFSPEC_FULL_RO));
  }
  if (has(behaviour::slow)) std::this_thread::sleep_for(a_while);
  if (has(behaviour::reenters_consumer) && !at_release && habits_.consume_plain) habits_.consume_plain();
  inside = before;
}

std::vector<Consumed::Request> Lent::requests() const {
  const std::lock_guard lock(mutex_);
  std::vector<Consumed::Request> seen;
  std::size_t too_many = requests_.size() - std::min(requests_.size(), max_logged_requests);
  for (const Request& one : requests_) {
    const bool ended_well = one.seen.releases == (one.seen.granted ? 1 : 0) && one.seen.changed == 0;
    if (too_many > 0 && ended_well) {
      --too_many;
    } else if (seen.size() < max_logged_requests) {
      seen.push_back(one.seen);
    }
  }
  return seen;
}

int Lent::views_held() const noexcept {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(std::count_if(requests_.begin(), requests_.end(),
                                        [](const Request& one) { return one.seen.granted && one.seen.releases == 0; }));
}

long Lent::references_kept() const noexcept {
  return static_cast<long>(self_.object.references - (is_ours_ ? 1 : 0) + stand_in_.object.references - 1 - lent_);
}

engine::MemoryChange Lent::change() const {
  const std::lock_guard lock(mutex_);
  engine::MemoryChange found = memory_.change();
  for (const Request& one : requests_)
    if (one.seen.granted && one.seen.releases == 0) memory_.add_change_of(one.view, found);
  return found;
}

char* Lent::memory_held() const noexcept {
  char* memory = memory_.data();
  for (const Request& one : requests_)
    if (one.seen.granted && one.seen.releases == 0 && one.view.own_memory.is_set()) memory = one.view.memory;
  return memory;
}

std::string Lent::elements() const {
  const std::lock_guard lock(mutex_);
  return memory_.plan().elements_at(memory_held());
}

void Lent::renew_memory() {
  const std::lock_guard lock(mutex_);
  memory_.renew();
}

}  // namespace bufspec::native
