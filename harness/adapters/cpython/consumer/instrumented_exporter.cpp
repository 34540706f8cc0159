#include "instrumented_exporter.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "bufspec/misreadings.hpp"
#include "instrumented_behaviours.hpp"

namespace bufspec::cpython {

Instrumented::Instrumented(std::shared_ptr<engine::PlannedMemory> plan, InstrumentedHabits habits)
    : plan_(std::move(plan)), habits_(std::move(habits)) {
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

Instrumented::~Instrumented() = default;

void Instrumented::object_is_gone(PyObject* object) noexcept {
  if (object == stand_in_) stand_in_ = nullptr;
  if (object != object_) return;
  object_ = nullptr;
  for (; stand_in_ != nullptr && lent_ > 0; --lent_) Py_DECREF(stand_in_);
}

engine::Placement Instrumented::placement() const noexcept {
  if (has(behaviour::ends_at_page)) return engine::Placement::ends_at_page;
  return has(behaviour::begins_at_page) ? engine::Placement::begins_at_page : engine::Placement::anywhere;
}

int Instrumented::get_buffer(PyObject* self, Py_buffer* view, int flags) {
  const bool is_watched = is_watched_ && !is_inside_hook();
  std::size_t number = 0;
  LoggedRequest* request = nullptr;
  {
    const std::lock_guard lock(mutex_);
    log_.trim();
    number = log_.asked();
    request = &log_.add(flags, is_watched);
    request->thread = PyThread_get_thread_ident();
    request->place = view;
  }
  if (is_watched) {
    act_inside(*this, self, false);
    PyErr_Clear();
    if (refuses(habits_.behaviours, habits_.refused_requests, number, flags))
      return refuse(self, view, Error::buffer_error, "this request is refused");
  }
  return grant(self, view, *request);
}

int Instrumented::refuse(PyObject*, Py_buffer* view, Error error, const char* reason) {
  if (has(behaviour::lie_obj) && stand_in_ != nullptr) {
    // Nobody owns this reference; whoever gives it up takes one of those that are set aside for it.
    Py_INCREF(stand_in_);
    ++lent_;
    view->obj = stand_in_;
  } else if (!has(behaviour::refusal_untouched)) {
    view->obj = nullptr;
  }
  if (has(behaviour::refusal_memory_error)) error = Error::memory_error;
  if (has(behaviour::refusal_runtime_error)) error = Error::other;
  if (has(behaviour::refusal_value_error)) error = Error::value_error;
  raise_error(error, reason);
  return -1;
}

int Instrumented::grant(PyObject* self, Py_buffer* view, LoggedRequest& request) {
  PyObject* const before = view->obj;
  Exporter& model = plan_->model();
  Status status;
  {
    const std::lock_guard lock(mutex_);
    status = model.get_buffer(request.request.flags, *reinterpret_cast<Buffer*>(view));
    if (status.ok()) {
      model.release_buffer(*reinterpret_cast<Buffer*>(view));
      model.drop_reference();
    }
  }
  if (!status.ok()) {
    view->obj = before;
    return refuse(self, view, status.error, status.reason);
  }
  request.memory = block_.data();
  HandedArrays* arrays = &arrays_;
  if (request.is_watched) {
    const bool own_memory = has(behaviour::fresh_block);
    if ((own_memory && !give_own_memory(*view, request)) ||
        (has(behaviour::own_arrays) && !give_own_arrays(*view, request)))
      return refuse(self, view, Error::memory_error, "no memory for the view");
    if (request.own_arrays.is_set()) arrays = reinterpret_cast<HandedArrays*>(request.own_arrays.data());
  }
  view->buf = plan_->buf_at(request.memory);
  if (view->format != nullptr) view->format = arrays->format;
  if (view->shape != nullptr) view->shape = arrays->shape.data();
  if (view->strides != nullptr) view->strides = arrays->strides.data();
  if (view->suboffsets != nullptr) view->suboffsets = arrays->suboffsets.data();
  if (request.is_watched) shape_answer(habits_.behaviours, request.request.flags, *arrays, *view);
  PyObject* const owner = request.is_watched && has(behaviour::redirected) && stand_in_ != nullptr ? stand_in_ : self;
  Py_INCREF(owner);
  view->obj = owner;
  view->internal = RequestLog::token_of(request);
  request.handed = *view;
  if (request.is_watched) shown_ = request.memory;
  request.request.granted = true;
  return 0;
}

bool Instrumented::give_own_memory(Py_buffer&, LoggedRequest& request) {
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
  return true;
}

bool Instrumented::give_own_arrays(Py_buffer&, LoggedRequest& request) {
  request.own_arrays =
      engine::GuardedBlock(sizeof(HandedArrays),
                           has(behaviour::withdrawn) ? engine::Placement::begins_at_page : engine::Placement::anywhere);
  if (!request.own_arrays.is_set()) return false;
  std::memcpy(request.own_arrays.data(), &expected_, sizeof expected_);
  return true;
}

void Instrumented::take_back(LoggedRequest& request, const Py_buffer& view) {
  request.request.changed |= changes_of(request, view, expected_);
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

void Instrumented::release_buffer(PyObject* self, Py_buffer* view) {
  PyObject* type = nullptr;
  PyObject* value = nullptr;
  PyObject* traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);  // a release happens on the way of an exception, too
  bool was_watched = is_watched_ && !is_inside_hook();
  {
    const std::lock_guard lock(mutex_);
    LoggedRequest* const request = log_.find(*view);
    const bool is_due = request != nullptr && request->request.releases++ == 0;
    if (is_due) {
      was_watched = was_watched && request->is_watched;
      take_back(*request, *view);
    } else {
      if (request == nullptr) ++stray_releases_;
      // The reference that goes with this release was never the consumer's to give up.
      if (self == stand_in_ && lent_ > 0) {
        --lent_;
      } else {
        Py_INCREF(self);
      }
    }
  }
  if (was_watched) act_inside(*this, self, true);
  PyErr_Clear();
  PyErr_Restore(type, value, traceback);
}

std::vector<Consumed::Request> Instrumented::requests() const {
  const std::lock_guard lock(mutex_);
  std::vector<Consumed::Request> requests;
  std::size_t too_many = 0;
  for (const auto& one : log_.all()) too_many += one->is_watched ? 1 : 0;
  too_many -= std::min(too_many, max_logged_requests);
  for (const auto& one : log_.all()) {
    if (!one->is_watched || requests.size() == max_logged_requests) continue;
    if (too_many > 0 && came_to_a_good_end(*one)) {
      --too_many;
      continue;
    }
    requests.push_back(one->request);
  }
  return requests;
}

int Instrumented::views_held() const noexcept {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(std::count_if(log_.all().begin(), log_.all().end(), [](const auto& one) {
    return one->request.granted && one->request.releases == 0;
  }));
}

engine::MemoryChange Instrumented::change() const {
  const std::lock_guard lock(mutex_);
  engine::MemoryChange found = noticed_;
  const auto look = [&](const engine::GuardedBlock& block) {
    const engine::MemoryChange change = plan_->change_of(block.data());
    found.elements = found.elements || change.elements;
    found.gaps = found.gaps || change.gaps || !block.slack_intact();
  };
  look(block_);
  for (const auto& one : log_.all())
    if (one->request.granted && one->request.releases == 0 && one->own_memory.is_set()) look(one->own_memory);
  return found;
}

char* Instrumented::memory_held() const noexcept {
  char* memory = block_.data();
  for (const auto& one : log_.all())
    if (one->request.granted && one->request.releases == 0 && one->own_memory.is_set()) memory = one->memory;
  return memory;
}

std::string Instrumented::elements() const {
  const std::lock_guard lock(mutex_);
  return plan_->elements_at(memory_held());
}

std::optional<std::string> Instrumented::segment() const {
  const Layout& layout = plan_->model().layout();
  const MemoryFacts facts = facts_of(geometry_of(layout), layout.readonly);
  if (!facts.f_contiguous || facts.c_contiguous) return std::nullopt;
  const std::lock_guard lock(mutex_);
  return std::string(plan_->buf_at(memory_held()), static_cast<std::size_t>(plan_->model().length()));
}

void Instrumented::renew_memory() {
  const std::lock_guard lock(mutex_);
  noticed_ = {};
  if (plan_->described().readonly && block_.has_pages()) return;  // nobody can have written there
  const engine::MemoryChange change = plan_->change_of(block_.data());
  if (change.elements || change.gaps) plan_->place(block_.data());
  if (!block_.slack_intact()) block_.renew_slack();
}

bool Instrumented::restart() {
  const std::lock_guard lock(mutex_);
  if (stray_releases_ > 0 || noticed_.elements || noticed_.gaps) return false;
  for (const auto& one : log_.all())
    if (!came_to_a_good_end(*one)) return false;
  log_.clear();
  return true;
}

std::optional<long> Instrumented::references_kept(bool ours) const noexcept {
  long kept = 0;
  if (object_ != nullptr) {
    const auto count = references_of(object_);
    if (!count) return std::nullopt;
    kept += *count - (ours ? 1 : 0);
  }
  if (stand_in_ != nullptr) {
    const auto count = references_of(stand_in_);
    if (!count) return std::nullopt;
    kept += *count - (object_ != nullptr ? 1 : 0) - lent_;
  }
  return kept;
}

}  // namespace bufspec::cpython
