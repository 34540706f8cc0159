// What does a consumer's result show? Compares it with the elements of the memory, or with what the same callable makes
// of plain bytes that hold them.
// Calls the consumer on plain bytes only when it is told to, never while our exporter is watched.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

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
};

class ResultComparison {
 public:
  // Both outlive it.
  explicit ResultComparison(const ConsumerDeclaration& declared) noexcept : declared_(declared) {}

  // Calls the consumer on plain bytes that hold the elements of `plan`, unless that is known.  No exception is left.
  void prepare(const engine::PlannedMemory& plan);

  // Fills in result, misreading and difference.  Requires: consumed.requests is filled in; `memory` is where the
  // memory lies that the consumer was shown.
  // May call the consumer on plain bytes, to find out how it read.
  void compare(PyObject* result, const engine::PlannedMemory& plan, const char* memory, Consumed& consumed);

  // Fills in `filled`, and difference if it is wrong: `elements` are in the memory after the call.
  void compare_filled(const std::string& elements, const engine::PlannedMemory& plan, Consumed& consumed) const;

 private:
  // What the consumer made of plain bytes.
  struct Plain {
    Ref result;
    std::string memory;  // afterwards, of a consumer that fills it
    bool is_comparable = false;  // it did not raise, and made the same of the same bytes again
    bool is_filling = false;  // the same memory each time, as long as it was
  };

  [[nodiscard]] Ref call_plain(const std::string& elements, std::string* memory);
  [[nodiscard]] const Plain& plain_of(const std::string& elements);
  void compare_bytes(PyObject* result, const engine::PlannedMemory& plan, const char* memory, Consumed& consumed);
  void compare_values(PyObject* result, const engine::PlannedMemory& plan, const char* memory, Consumed& consumed);
  void compare_with_plain(PyObject* result, const engine::PlannedMemory& plan, const char* memory, Consumed& consumed);

  const ConsumerDeclaration& declared_;
  std::unordered_map<std::string, Plain> known_;
  std::size_t known_bytes_ = 0;
  const Plain* plain_ = nullptr;  // of the last prepare()
};

}  // namespace bufspec::cpython
