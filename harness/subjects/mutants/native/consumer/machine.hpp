// A mutant consumer: asks for a buffer, reads or fills it, and releases it as a right consumer does; behaviours change what
// it does at each moment.  The machine knows no behaviour by name (behaviours.hpp) and no geometry
// (reading.hpp).  Which behaviours are legal is what spec/consumer_mutants.yaml says.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "harness/adapters/cpython/api/python_api.hpp"
#include "reading.hpp"
#include "suites/support/table_value.hpp"

namespace bufspec::mutants::consumers {

class Machine;

// When a behaviour acts: when a consumer is made, before it asks, before each request, when nothing was granted, when something
// was, when the elements were read, when it is about to release the view.
enum class Moment : std::uint8_t { made, begun, asking, refused, granted, read, ending };

// How a right consumer may read.
enum class ReadAs : std::uint8_t { elements, block, library, memoryview };
// What it makes of the elements.
enum class Returns : std::uint8_t { bytes, bytearray, list, elements, scalar, none, keeper, view, length };
// What a result of kind `keeper` holds.
enum class Holds : std::uint8_t { view, copy, pointer, reference };
// A result that refers to itself: whether the garbage collector sees it.
enum class Cycle : std::uint8_t { none, traversed, untraversed };

// What is so of a consumer in every call.
struct Plan {
  std::vector<int> words;  // asked one after the other until one is granted
  ReadAs read_as = ReadAs::elements;
  Returns returns = Returns::bytes;
  Holds holds = Holds::view;
  Cycle cycle = Cycle::none;
  bool fills = false;
  bool in_a_thread = false;
  bool has_static_view = false;  // one struct for all calls
  bool has_static_result = false;  // one room for the elements of all calls
  bool asks_on = false;  // after any exception, not only after BufferError
};

// One call, as behaviours see and change it.
struct Call {
  Machine* machine = nullptr;
  PyObject* exporter = nullptr;  // borrowed
  long number = 0;  // of this call, from 1 on
  Moment moment = Moment::made;
  std::unique_ptr<Py_buffer> own;  // at one address as long as it is held: arrays may point into it
  Py_buffer* view = nullptr;  // null once a keeper took it over
  std::unique_ptr<DetachedView> detached;  // what it still knows of a view that it released
  int word = 0;  // asked last
  bool granted = false;
  bool failing = false;  // it refuses what it was granted
  unsigned wrongly = 0;  // misread::*
  unsigned misparses = 0;  // misparse::*
  std::string elements;
  cpython::Ref result;
  bool keeps_exception = false;  // result or not, the exception that is set stays
  bool has_result = false;  // `result` is decided, null included
  int releases = 1;
  bool releases_first = false;  // before the memory is read
  bool releases_copy = false;  // through a copy of the struct
};

struct Behaviour;

class Machine {
 public:
  Machine();
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // Takes the behaviours that a list of maps describes; false with a ValueError that names each thing wrong.
  [[nodiscard]] bool take_behaviours(const TableValue& behaviours);
  // What the call comes to: a result, or null with an exception, unless a behaviour has it otherwise.
  [[nodiscard]] PyObject* call(PyObject* exporter);

  Plan plan;
  Py_buffer static_view{};
  std::string static_result;
  void* volatile lost = nullptr;

 private:
  void run(Call& call, Moment moment);
  [[nodiscard]] PyObject* call_here(PyObject* exporter);
  [[nodiscard]] bool acquire(Call& call);
  void read(Call& call);
  [[nodiscard]] PyObject* end(Call& call);

  std::vector<Behaviour> behaviours_;
  long calls_ = 0;
};

// Releases `view` `times` times, the last of them as it stands, or through a copy of the struct.
void release_view(Py_buffer* view, int times, bool through_copy);

}  // namespace bufspec::mutants::consumers
