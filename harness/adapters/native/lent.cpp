#include "lent.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "buffer.hpp"
#include "bufspec/misreadings.hpp"

namespace bufspec::native {

namespace {

// References are given up by consumers, in any thread.
std::atomic_ref<bufspec_ssize> counted(bufspec_object& object) noexcept {
  return std::atomic_ref<bufspec_ssize>(object.references);
}

// What a view keeps in `internal`: an odd number far from every address, by which its request is found.
constexpr std::uintptr_t token_mark = std::uintptr_t{0x5eed} << 48;
constexpr const char* no_format = "}i{";  // as behaviour::lie_format hands it out
constexpr auto a_while = std::chrono::microseconds(50);

thread_local const Lent* inside = nullptr;  // the object inside whose request or release we are
thread_local bufspec_error last_error = BUFSPEC_OK;

bufspec_error take_last_error() { return std::exchange(last_error, BUFSPEC_OK); }

void* token_of(std::size_t number) noexcept { return reinterpret_cast<void*>(token_mark | (number << 1U) | 1U); }

}  // namespace

const bufspec_type Lent::type{get_buffer, release_buffer, take_last_error, nullptr, BUFSPEC_IS_OBJECT};

Lent::Lent(std::shared_ptr<engine::PlannedMemory> plan, LentHabits habits)
    : plan_(std::move(plan)), habits_(std::move(habits)), self_{{&type, 1}, this}, stand_in_{{&type, 1}, this} {
  // A lie about len claims one item more, and every byte that is claimed can be read.
  const std::size_t claimed = has(behaviour::lie_len) ? static_cast<std::size_t>(plan_->described().itemsize) : 0;
  block_ = engine::GuardedBlock(plan_->bytes() + claimed, placement());
  if (!block_.is_set()) return;
  std::memset(block_.data() + plan_->bytes(), engine::slack_byte, claimed);
  plan_->place(block_.data());
  if (plan_->described().readonly) block_.set_readonly(true);
  const Layout& layout = plan_->model().layout();
  expected_.shape = layout.shape;
  expected_.strides = layout.strides;
  expected_.suboffsets = layout.suboffsets;
  if (!layout.has_suboffsets) expected_.suboffsets.fill(-1);
  const char* const format = has(behaviour::lie_format) ? no_format : layout.format.c_str();
  std::memcpy(expected_.format, format, std::strlen(format) + 1);
  arrays_ = expected_;
}

engine::Placement Lent::placement() const noexcept {
  if (has(behaviour::ends_at_page)) return engine::Placement::ends_at_page;
  return has(behaviour::begins_at_page) ? engine::Placement::begins_at_page : engine::Placement::anywhere;
}

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
    if (!plan_->model().get_buffer(flags, plain).ok()) return -1;
    plan_->model().release_buffer(plain);
    plan_->model().drop_reference();
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
    request->place = &view;
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

bool Lent::give_own(Request& request) {
  if (has(behaviour::fresh_block)) {
    engine::Placement where = placement();
    if (where == engine::Placement::anywhere && has(behaviour::withdrawn)) where = engine::Placement::begins_at_page;
    request.own_memory = engine::GuardedBlock(block_.size(), where);
    if (!request.own_memory.is_set()) return false;
    char* const data = request.own_memory.data();
    std::memcpy(data, block_.data(), block_.size());
    plan_->place(data);
    plan_->copy_elements(block_.data(), data);
    if (plan_->described().readonly) request.own_memory.set_readonly(true);
    request.memory = data;
  }
  if (has(behaviour::own_arrays)) {
    request.own_arrays = engine::GuardedBlock(
        sizeof(Arrays), has(behaviour::withdrawn) ? engine::Placement::begins_at_page : engine::Placement::anywhere);
    if (!request.own_arrays.is_set()) return false;
    std::memcpy(request.own_arrays.data(), &expected_, sizeof expected_);
  }
  return true;
}

int Lent::grant(Object& self, bufspec_buffer& view, Request& request) {
  const std::lock_guard lock(mutex_);
  Exporter& model = plan_->model();
  Buffer answer{};
  const Status status = model.get_buffer(request.seen.flags, answer);
  if (!status.ok()) return refuse(view, status.error);
  std::memcpy(&view, &answer, sizeof view);
  model.release_buffer(answer);
  model.drop_reference();
  request.memory = block_.data();
  if (!give_own(request)) return refuse(view, Error::memory_error);
  Arrays& arrays = request.own_arrays.is_set() ? *reinterpret_cast<Arrays*>(request.own_arrays.data()) : arrays_;
  view.buf = plan_->buf_at(request.memory);
  if (view.format != nullptr) view.format = arrays.format;
  if (view.shape != nullptr) view.shape = arrays.shape.data();
  if (view.strides != nullptr) view.strides = arrays.strides.data();
  if (view.suboffsets != nullptr) view.suboffsets = arrays.suboffsets.data();
  const int flags = request.seen.flags;
  // Where shape would be &len, a lie about len would be one about the shape, and nothing would show.
  if (has(behaviour::lie_len)) view.len += view.itemsize;
  if (has(behaviour::self_referential) && view.ndim == 1) {
    if (view.shape != nullptr && arrays.shape[0] == view.len) view.shape = &view.len;
    if (view.strides != nullptr && arrays.strides[0] == view.itemsize) view.strides = &view.itemsize;
  }
  if (has(behaviour::lie_readonly) && bufspec::has(flags, flag::WRITABLE)) view.readonly = 1;
  if (has(behaviour::lie_suboffsets) && bufspec::has(flags, flag::INDIRECT) && view.suboffsets == nullptr &&
      view.ndim > 0)
    view.suboffsets = arrays.suboffsets.data();
  if (has(behaviour::null_if_empty) && view.len == 0 && view.suboffsets == nullptr) view.buf = nullptr;
  Object& owner = has(behaviour::redirected) ? stand_in_ : self;
  ++counted(owner.object);
  view.obj = &owner.object;
  view.internal = token_of(request.number);
  request.handed = view;
  shown_ = request.memory;
  request.seen.granted = true;
  return 0;
}

Lent::Request* Lent::find(const bufspec_buffer& view) noexcept {
  const auto last_that = [&](auto&& fits) -> Request* {
    const auto found = std::find_if(requests_.rbegin(), requests_.rend(), fits);
    return found == requests_.rend() ? nullptr : &*found;
  };
  const auto is_out = [](const Request& one) { return one.seen.granted && one.seen.releases == 0; };
  if (Request* const found =
          last_that([&](const Request& one) { return one.seen.granted && token_of(one.number) == view.internal; }))
    return found;
  if (Request* const found = last_that([&](const Request& one) { return is_out(one) && one.place == &view; }))
    return found;
  return last_that(
      [&](const Request& one) { return is_out(one) && one.handed.buf == view.buf && one.handed.len == view.len; });
}

void Lent::take_back(Request& request, const bufspec_buffer& view) {
  const bufspec_buffer& handed = request.handed;
  unsigned& changed = request.seen.changed;
  if (view.internal != handed.internal) changed |= field_bit::internal;
  const auto look = [&](bufspec_ssize* given, const bufspec_ssize* now, const Extents& right, unsigned bit) {
    if (given != now) changed |= bit;
    if (given == nullptr) return;
    const bool in_struct = given == &request.place->len || given == &request.place->itemsize;
    // What lies in the struct itself may be gone with it, where it is released through a copy.
    if (in_struct && &view != request.place) return;
    const auto entries = static_cast<std::size_t>(std::clamp(handed.ndim, 0, max_ndim));
    if (std::equal(given, given + entries, right.begin())) return;
    changed |= bit;
    std::copy_n(right.begin(), entries, given);
  };
  look(handed.shape, view.shape, expected_.shape, field_bit::shape);
  look(handed.strides, view.strides, expected_.strides, field_bit::strides);
  look(handed.suboffsets, view.suboffsets, expected_.suboffsets, field_bit::suboffsets);
  const std::size_t length = std::strlen(expected_.format) + 1;
  if (handed.format != view.format) changed |= field_bit::format;
  if (handed.format != nullptr && std::memcmp(handed.format, expected_.format, length) != 0) {
    changed |= field_bit::format;
    std::memcpy(handed.format, expected_.format, length);
  }
  if (request.own_memory.is_set()) {
    const engine::MemoryChange change = plan_->change_of(request.own_memory.data());
    noticed_.elements = noticed_.elements || change.elements;
    noticed_.gaps = noticed_.gaps || change.gaps || !request.own_memory.slack_intact();
    if (change.elements && !plan_->described().readonly) plan_->copy_elements(request.own_memory.data(), block_.data());
  }
  const auto give_up = [&](engine::GuardedBlock& own) {
    if (!own.is_set()) return;
    if (has(behaviour::withdrawn)) return own.withdraw();
    if (!has(behaviour::poisoned)) return;
    own.set_readonly(false);
    std::memset(own.data(), released_byte, own.size());
  };
  give_up(request.own_memory);
  give_up(request.own_arrays);
}

void Lent::release(Object& self, bufspec_buffer& view) {
  {
    const std::lock_guard lock(mutex_);
    Request* const request = find(view);
    if (request != nullptr && request->seen.releases++ == 0) {
      take_back(*request, view);
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
  engine::MemoryChange found = noticed_;
  const auto look = [&](const engine::GuardedBlock& block) {
    const engine::MemoryChange change = plan_->change_of(block.data());
    found.elements = found.elements || change.elements;
    found.gaps = found.gaps || change.gaps || !block.slack_intact();
  };
  look(block_);
  for (const Request& one : requests_)
    if (one.seen.granted && one.seen.releases == 0 && one.own_memory.is_set()) look(one.own_memory);
  return found;
}

char* Lent::memory_held() const noexcept {
  char* memory = block_.data();
  for (const Request& one : requests_)
    if (one.seen.granted && one.seen.releases == 0 && one.own_memory.is_set()) memory = one.memory;
  return memory;
}

std::string Lent::elements() const {
  const std::lock_guard lock(mutex_);
  return plan_->elements_at(memory_held());
}

void Lent::renew_memory() {
  const std::lock_guard lock(mutex_);
  noticed_ = {};
  if (plan_->described().readonly && block_.has_pages()) return;  // nobody can have written there
  const engine::MemoryChange change = plan_->change_of(block_.data());
  if (change.elements || change.gaps) plan_->place(block_.data());
  if (!block_.slack_intact()) block_.renew_slack();
}

}  // namespace bufspec::native
