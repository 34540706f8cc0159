// Which memory did a consumer accept, and what did it say to that which it refused?
// Counts the memories that were handed over plainly, each once; what our exporter refuses itself does not count.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "bufspec/trace.hpp"
#include "harness/adapters/cpython/api/python_api.hpp"
#include "suites/engine/ledger.hpp"

namespace bufspec::cpython {

class Acceptance {
 public:
  // One type of exception, how often it was raised, and what it said first: "TypeError: a bytes-like object is required".
  struct Raised {
    std::uint64_t times = 0;
    std::string first;
  };

  // The next memory.
  void begin(const Scenario& scenario, ConsumerKind kind);
  // Looks at the exception that is set, and leaves it so.
  void note_exception();
  // What the first call with this memory came to; counted in `ledger`, if there is one.
  void note_call(const Consumed& consumed, engine::Ledger* ledger);
  // What plain bytes came to: an exception as Raised::first, or nothing.
  void note_plain(std::string text) { plain_ = std::move(text); }

  [[nodiscard]] const std::map<std::string, Raised>& raised() const noexcept { return raised_; }
  [[nodiscard]] const std::string& plain() const noexcept { return plain_; }

 private:
  std::map<std::string, Raised> raised_;  // by the name of its type
  std::string plain_;
  unsigned needed_ = 0;  // capability::* of this memory
  bool is_counted_ = false;  // it counts, and was not yet
};

}  // namespace bufspec::cpython
