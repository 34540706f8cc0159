// A consumer of a shared library as a subject: it is given lent objects, its results are kept in slots.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "lent.hpp"
#include "library.hpp"
#include "suites/engine/forked_child.hpp"
#include "suites/engine/subject.hpp"

namespace bufspec::native {

class NativeConsumerSubject final : public engine::Subject {
 public:
  // `described` outlives it.
  explicit NativeConsumerSubject(const Described& described) noexcept : calls_(described.consumer) {}
  ~NativeConsumerSubject() override { end(); }

  [[nodiscard]] unsigned observes() const noexcept override;
  void attach(engine::Ledger& ledger) override { ledger_ = &ledger; }
  // False for memory that cannot be made, and for what the consumer is declared not to stand.
  [[nodiscard]] bool begin(const Scenario& scenario, Trace& trace) override;
  void perform(const Scenario& scenario, std::size_t step, Trace& trace) override;
  void end() override;

  // How often each error was reported of memory that was handed over plainly.
  [[nodiscard]] const std::map<std::string, std::uint64_t>& refused() const noexcept { return refused_; }
  // The error that plain bytes came to; empty if none.
  [[nodiscard]] std::string plain_error() const;

 private:
  // A result that is not given up yet.
  struct Result {
    bool is_there = false;
    void* made = nullptr;
  };
  struct Call {
    Error error = Error::none;
    Result result;
  };
  // What the consumer made of plain bytes with the elements of the memory.
  struct Plain {
    Error error = Error::none;
    std::optional<std::string> bytes;
    std::string memory;  // afterwards
  };

  [[nodiscard]] bool has(std::uint32_t flag) const noexcept { return (calls_.flags & flag) != 0; }
  [[nodiscard]] ConsumerKind kind() const noexcept { return static_cast<ConsumerKind>(calls_.kind); }
  [[nodiscard]] bool is_compared_with_plain() const noexcept {
    return has(BUFSPEC_OF_BYTES) || kind() == ConsumerKind::fills;
  }
  [[nodiscard]] std::optional<std::string> bytes_of(const Result& result) const;
  [[nodiscard]] Call call_here();
  [[nodiscard]] Plain call_plain(const std::string& elements) const;
  void give_up(Result& result) const;
  void note(Call& made, Consumed& consumed);
  void compare(const Result& result, Consumed& consumed);
  void compare_filled(Consumed& consumed);
  void consume(const Scenario& scenario, Result& slot, Consumed& consumed);
  void consume_often(int count, Consumed& consumed);
  void consume_in_threads(const Scenario& scenario, std::size_t step, Consumed& consumed);
  void count(const Consumed& consumed);
  void look(Consumed& consumed) const;

  const bufspec_consumer& calls_;
  engine::ForkWatch forks_;
  engine::Ledger* ledger_ = nullptr;
  std::shared_ptr<engine::PlannedMemory> plan_;
  std::shared_ptr<Lent> lent_;
  bool is_ours_ = false;  // our reference to the object is still there
  Plain plain_;
  std::array<Result, max_slots> results_;
  bool is_counted_ = false;  // this memory counts, and was not counted yet
  unsigned needed_ = 0;  // capability::* of it
  std::map<std::string, std::uint64_t> refused_;
};

}  // namespace bufspec::native
