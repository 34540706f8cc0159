// A mutant: the reference exporter as a Python object, with behaviours that change what it answers.
// A behaviour is data (behaviours.hpp) and says on which occasion it acts; this file has what it acts on.
// Nothing here knows which behaviours are legal: that is what spec/mutants.yaml says.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bufspec/exporter.hpp"
#include "harness/adapters/cpython/api/python_api.hpp"
#include "memory.hpp"
#include "suites/support/table_value.hpp"

namespace bufspec::mutants::exporters {

class Machine;

// When a behaviour acts: while a request is weighed, once it was granted or refused, at a release, before an operation.
enum class Moment : std::uint8_t { request, granted, refused, released, operation };

// What a mutant keeps for a view that is held.
struct Export {
  Py_buffer* made_for = nullptr;  // the struct that the request came with
  Storage block;  // its own copy of the memory, if it has one
  std::array<Storage, 4> arrays;  // its own format, shape, strides and suboffsets, if it has them
};

// One call of a slot or method, as behaviours see and change it.
struct Occasion {
  Occasion(Machine& of, PyObject* object, Moment at) noexcept : machine(of), self(object), moment(at) {}

  Machine& machine;
  PyObject* self;
  Moment moment;
  Py_buffer* view = nullptr;  // null in an operation
  int asked = 0;  // the word of the consumer
  int word = 0;  // the word that is answered
  long call = 0;  // the number of this request, from 1 on
  long held = 0;  // views held, the one of this call included
  Py_buffer before{};  // the struct as it came
  Export* kept = nullptr;  // of granted and released
  // What the behaviours decide:
  bool refuses = false;
  bool grants = false;  // also what has to be refused
  bool reopens = false;  // a request is answered although the memory was given up
  bool is_locked = false;  // operation: refused because views are held
  bool keeps_count = false;  // released: the lock stays
  std::optional<int> status;  // what the slot returns
  PyObject* redirected = nullptr;  // request: who answers in place of self, borrowed
};

struct Behaviour;  // behaviours.hpp

// What is locked while views are held, and how that is counted.
enum class Counting : std::uint8_t { right, never_falls, at_most_one, at_most_255, in_a_byte, no_lock, refusals_too };

// How a release finds what belongs to its view.
enum class FindBy : std::uint8_t { internal, address, last };

// Which of the shared storages: the arrays of an answer in the order of its fields, then the memory.
enum class Shared : std::uint8_t { format, shape, strides, suboffsets, memory };

class Machine {
 public:
  Machine();
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // Makes the memory; false with a Python exception.
  [[nodiscard]] bool build(const Layout& layout);
  // Where memory of the ground `object` may lie.
  void offer_room(std::span<char> room) noexcept { room_ = room; }
  // Takes the behaviours that a list of maps describes; false with a ValueError that names each thing wrong.
  [[nodiscard]] bool take_behaviours(const TableValue& behaviours);

  // The two slots, as CPython calls them.
  int get_buffer(PyObject* self, Py_buffer* view, int word);
  void release_buffer(PyObject* self, Py_buffer* view);

  // Whether an operation may go on now; false with BufferError while views are held, ValueError once closed.
  [[nodiscard]] bool begin_operation(PyObject* self);
  // Changes the number of items; false with an exception.
  [[nodiscard]] bool resize(ssize extent);
  // Gives the memory up; requests are refused from then on.
  void close() noexcept;
  [[nodiscard]] bool is_closed() const noexcept { return is_closed_; }
  [[nodiscard]] ssize extent() const noexcept { return exporter_.layout().ndim > 0 ? exporter_.layout().shape[0] : 1; }

  // The elements in C order.
  [[nodiscard]] std::string elements() const;

  // From now on shows a copy of `what` on `ground`, which behaviours can move and overwrite; not the memory that is
  // reached through pointers.  False where the room in the object is too small.
  [[nodiscard]] bool share(Shared what, Ground ground);
  // A copy of a shared storage in its place, and the old one retired.
  void replace(Shared what);
  [[nodiscard]] Storage& shared(Shared what) noexcept { return shared_[static_cast<std::size_t>(what)]; }
  // The bytes from the start of the block to buf.
  [[nodiscard]] ssize buf_offset() const noexcept { return exporter_.buf() - exporter_.block().data(); }
  // Whether the memory is one block that can lie anywhere: there are no pointers in it.
  [[nodiscard]] bool is_movable() const noexcept { return !exporter_.layout().has_suboffsets; }
  // Memory as it was built, for a copy of its own or to write it anew.
  [[nodiscard]] std::span<const char> pristine() const noexcept { return exporter_.block(); }
  // Forgets a view that will not be released.
  void forget(const Export* kept);
  [[nodiscard]] Export* earlier() noexcept {
    return exports_.size() < 2 ? nullptr : exports_[exports_.size() - 2].get();
  }

  Counting counting = Counting::right;
  FindBy find_by = FindBy::internal;
  Error refusal_error = Error::buffer_error;
  long hoarded = 0;  // references to itself
  long lock = 0;  // views that operations wait for
  long operations = 0;  // that have changed it
  long racing = 0;  // threads in the middle of it
  long raced = 0;  // what the behaviour `race` counts
  std::array<Storage, 4> renewed;  // what the behaviour `renewed_arrays` makes anew at each request
  void* volatile lost = nullptr;  // what the behaviour `leak` lost last

 private:
  void run(Occasion& now);
  int refused(Occasion& now, Error error, const char* reason);
  int granted(Occasion& now);
  void answer_everything(Py_buffer& view, int word);
  void put(Shared what, std::span<const char> contents);
  [[nodiscard]] std::span<const char> original(Shared what) const noexcept;
  void count_one_more() noexcept;
  [[nodiscard]] std::size_t find(const Py_buffer* view) const noexcept;

  Exporter exporter_;
  std::array<Storage, 5> shared_;  // empty where the reference's own is shown
  std::array<Ground, 5> grounds_{};
  std::span<char> room_;
  std::vector<Storage> retired_;
  std::vector<std::unique_ptr<Export>> exports_;
  std::vector<Behaviour> behaviours_;
  long calls_ = 0;
  bool is_closed_ = false;
  char* given_up_ = nullptr;  // where the memory was that close() gave up
};

}  // namespace bufspec::mutants::exporters
