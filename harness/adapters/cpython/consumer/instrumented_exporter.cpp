#include "instrumented_exporter.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "bufspec/misreadings.hpp"
#include "instrumented_behaviours.hpp"

namespace bufspec::cpython {

Instrumented::Instrumented(std::shared_ptr<engine::PlannedMemory> plan, InstrumentedHabits habits)
    : habits_(std::move(habits)), memory_(std::move(plan), habits_.behaviours) {}

Instrumented::~Instrumented() = default;

void Instrumented::object_is_gone(PyObject* object) noexcept {
  if (object == stand_in_) stand_in_ = nullptr;
  if (object != object_) return;
  object_ = nullptr;
  for (; stand_in_ != nullptr && lent_ > 0; --lent_) Py_DECREF(stand_in_);
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
    request->view.place = &buffer_from(*view);
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
  Buffer& answer = *reinterpret_cast<Buffer*>(view);
  Exporter& model = memory_.plan().model();
  Status status;
  bool has_room = false;
  {
    const std::lock_guard lock(mutex_);
    status = model.get_buffer(request.request.flags, answer);
    if (status.ok()) {
      model.release_buffer(answer);
      model.drop_reference();
      has_room = memory_.hand_out(request.request.flags, !request.is_watched, request.view, answer);
    }
  }
  if (!status.ok()) {
    view->obj = before;
    return refuse(self, view, status.error, status.reason);
  }
  if (!has_room) return refuse(self, view, Error::memory_error, "no memory for the view");
  PyObject* const owner = request.is_watched && has(behaviour::redirected) && stand_in_ != nullptr ? stand_in_ : self;
  Py_INCREF(owner);
  view->obj = owner;
  view->internal = RequestLog::token_of(request);
  request.view.handed = answer;
  if (request.is_watched) shown_ = request.view.memory;
  request.request.granted = true;
  return 0;
}

void Instrumented::release_buffer(PyObject* self, Py_buffer* view) {
  PyObject* type = nullptr;
  PyObject* value = nullptr;
  PyObject* traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);  // a release happens on the way of an exception, too
  bool was_watched = is_watched_ && !is_inside_hook();
  {
    const std::lock_guard lock(mutex_);
    LoggedRequest* const request = log_.find(buffer_from(*view));
    const bool is_due = request != nullptr && request->request.releases++ == 0;
    if (is_due) {
      was_watched = was_watched && request->is_watched;
      request->request.changed |= memory_.take_back(request->view, buffer_from(*view));
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
  engine::MemoryChange found = memory_.change();
  for (const auto& one : log_.all())
    if (one->request.granted && one->request.releases == 0) memory_.add_change_of(one->view, found);
  return found;
}

char* Instrumented::memory_held() const noexcept {
  char* memory = memory_.data();
  for (const auto& one : log_.all())
    if (one->request.granted && one->request.releases == 0 && one->view.own_memory.is_set()) memory = one->view.memory;
  return memory;
}

std::string Instrumented::elements() const {
  const std::lock_guard lock(mutex_);
  return plan().elements_at(memory_held());
}

std::optional<std::string> Instrumented::segment() const {
  const Layout& layout = plan().model().layout();
  const MemoryFacts facts = facts_of(geometry_of(layout), layout.readonly);
  if (!facts.f_contiguous || facts.c_contiguous) return std::nullopt;
  const std::lock_guard lock(mutex_);
  return std::string(plan().buf_at(memory_held()), static_cast<std::size_t>(plan().model().length()));
}

void Instrumented::renew_memory() {
  const std::lock_guard lock(mutex_);
  memory_.renew();
}

bool Instrumented::restart() {
  const std::lock_guard lock(mutex_);
  if (stray_releases_ > 0 || memory_.noted().elements || memory_.noted().gaps) return false;
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
