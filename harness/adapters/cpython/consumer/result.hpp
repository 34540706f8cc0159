// What does a consumer's result show? Compares it with the elements of the memory, or with what the same callable makes
// of plain memory that holds them: of bytes, or where it refuses these of a memoryview of the same items in C order.
// Calls the consumer on plain memory only when it is told to, never while our exporter is watched.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "bufspec/trace.hpp"
#include "harness/adapters/cpython/api/python_api.hpp"
#include "suites/engine/memory/planned_memory.hpp"

namespace bufspec::cpython {

// What a consumer's result is declared to be.
enum class Returns : std::uint8_t { same_as_bytes, bytes, list, elements, scalar, none };

// What a consumer is declared to be.
struct ConsumerDeclaration {
  Ref callable;
  ConsumerKind kind = ConsumerKind::reads;
  Returns returns = Returns::same_as_bytes;
  unsigned accepts = 0;  // capability::*
  bool has_fallback = false;
  bool keeps_memory_order = false;  // its result is the segment as it lies
  Ref refuses;  // a tuple of types of exceptions that it refuses memory with; null: none of its own
  bool is_reentrant = true;  // may be called while it works already
  bool has_threads = true;  // may be called in other threads
};

// Whether the memory is one segment in Fortran order, and not in C order.
[[nodiscard]] bool is_fortran_only(const Layout& layout) noexcept;

class ResultComparison {
 public:
  // Outlives it.
  explicit ResultComparison(const ConsumerDeclaration& declared) noexcept
      : declared_(declared), returns_(declared.returns) {}

  // What the result is taken for, where it was found out and not declared.
  void infer(Returns returns) noexcept { returns_ = returns; }
  [[nodiscard]] Returns returns() const noexcept { return returns_; }

  // Calls the consumer on plain memory that holds the elements of `plan`, unless that is known.  No exception is left.
  // `is_poisoned`: what is released will be overwritten.
  void prepare(const engine::PlannedMemory& plan, bool is_poisoned);

  // Fills in result, misreading and difference.  Requires: consumed.requests is filled in; `memory` is where the
  // memory lies that the consumer was shown.
  // May call the consumer on plain memory, to find out how it read.
  void compare(PyObject* result, const engine::PlannedMemory& plan, const char* memory, Consumed& consumed);

  // Fills in `filled`, and difference if it is wrong: `elements` are in the memory after the call, and `segment` is the
  // memory as it lies, where it is one segment in Fortran order.  `is_once`: it was called once on that memory.
  void compare_filled(const std::string& elements, const std::optional<std::string>& segment,
                      const engine::PlannedMemory& plan, bool is_once, Consumed& consumed);

  // The same of a consumer that refuses bytes, or writes values of the format into the memory: compares it with what the call
  // leaves in the same items in C order.  Requires: it was called once on that memory, and was told of its format and shape.
  void compare_filled_items(const std::string& elements, const std::optional<std::string>& segment,
                            const engine::PlannedMemory& plan, Consumed& consumed);

  // Whether a consumer writes values of a format, and not the bytes that it writes into plain bytes: `elements` are what it left
  // in memory of such items, which held those of `plan`.
  [[nodiscard]] bool writes_values(const std::string& elements, const engine::PlannedMemory& plan);

  // Whether plain bytes with the elements of `plan` raise an exception of that type, too.
  [[nodiscard]] bool do_bytes_raise(const engine::PlannedMemory& plan, PyObject* type);

  // What two calls with the same plain memory gave, where that was not the same; empty as long as it was.  From then on
  // nothing is compared any more.
  [[nodiscard]] const std::string& disagreement() const noexcept { return disagreement_; }

 private:
  // What the consumer made of plain memory.
  struct Made {
    Ref result;
    Ref exception;  // its type, where it raised one
    std::string memory;  // afterwards, of a consumer that fills it
    bool is_comparable = false;  // it did not raise, and made the same of the same bytes again
    bool is_filling = false;  // the same memory each time, as long as it was
    bool is_settled = false;  // and again when it is called on what it left
  };

  // What is compared with: what was made of bytes, or of items like these.
  struct Model {
    const Made* made = nullptr;
    std::optional<Layout> items;
  };

  // What a consumer that returns values makes of memory that is read like this.
  struct Reading {
    std::string format;
    ssize itemsize = 1;
    const ssize* shape = nullptr;
    int ndim = 1;
    ssize extent = 0;
  };

  [[nodiscard]] static bool reading_of(const Consumed& consumed, const engine::PlannedMemory& plan, Reading& reading);
  // The values of elements; null where the format is not one of values.
  [[nodiscard]] Ref values_as(const Reading& reading, std::string_view bytes) const;
  // The same, made once for each memory of the same elements: cases by the hundred have them.
  [[nodiscard]] Ref known_values(const Reading& reading, const std::string& elements);

  [[nodiscard]] Ref call_plain(const std::string& elements, std::string* memory, Ref* exception = nullptr);
  // On items of that format and shape; no exception is left.
  [[nodiscard]] Ref call_on_items(const std::string& elements, const Layout& layout, std::string* memory);
  [[nodiscard]] Ref call_model(const Model& model, const std::string& elements, std::string* memory);
  // What is known under that key, and whether that is nothing yet.
  [[nodiscard]] std::pair<Made&, bool> known_by(std::string key, std::size_t bytes);
  [[nodiscard]] const Made& plain_of(const std::string& elements);
  [[nodiscard]] const Made& items_of(const std::string& elements, const Layout& layout);
  [[nodiscard]] bool is_filled_as_it_lies(const std::string& segment, const engine::PlannedMemory& plan,
                                          const std::string& valued);
  [[nodiscard]] bool do_agree(PyObject* left, PyObject* right) const;
  [[nodiscard]] bool is_repeated(const Model& model, const std::string& elements);
  void note_disagreement(PyObject* first, PyObject* second, std::string_view what);
  void show(const std::string& bytes, const engine::PlannedMemory& plan, const char* memory, Consumed& consumed) const;
  void compare_bytes(PyObject* result, const engine::PlannedMemory& plan, const char* memory, Consumed& consumed);
  void compare_values(PyObject* result, const engine::PlannedMemory& plan, const char* memory, Consumed& consumed);
  void compare_with_plain(PyObject* result, const engine::PlannedMemory& plan, const char* memory, Consumed& consumed);

  const ConsumerDeclaration& declared_;
  Returns returns_;
  bool is_poisoned_ = false;
  std::string disagreement_;
  std::unordered_map<std::string, Made> known_;  // forgotten by prepare() alone
  std::size_t known_bytes_ = 0;
  std::unordered_map<std::string, Ref> values_;  // by what was read how
  std::size_t values_bytes_ = 0;
  // Of the last prepare():
  Ref last_plain_;  // that was handed over: alive until the next call, so that this gets memory at another address
  Model model_;
};

}  // namespace bufspec::cpython
