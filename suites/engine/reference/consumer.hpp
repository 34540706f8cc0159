// The reference as a consumer: one that keeps every rule, with habits of its own, given an exporter of the scenario's layout
// that refuses what the scenario says.  Of the other behaviours the exporter has none.
#pragma once

#include <array>
#include <deque>
#include <string>
#include <vector>

#include "bufspec/exporter.hpp"
#include "bufspec/memoryview.hpp"
#include "suites/engine/subject.hpp"

namespace bufspec::engine {

struct ConsumerHabit {
  const char* name = "makes a memoryview";
  std::vector<int> words;  // requested in turn until one is granted; none: it makes a memoryview
  ConsumerKind kind = ConsumerKind::reads;
  bool holds_view = false;  // as long as its result lives
  bool has_fallback = false;  // it returns something else where all was refused
};

class ReferenceConsumerSubject final : public Subject {
 public:
  explicit ReferenceConsumerSubject(ConsumerHabit habit = {}) : habit_(std::move(habit)) {}
  ~ReferenceConsumerSubject() override { end(); }

  [[nodiscard]] unsigned observes() const noexcept override;
  // False for other targets, without a layout, and for memory that an Exporter does not make.
  [[nodiscard]] bool begin(const Scenario& scenario, Trace& trace) override;
  void perform(const Scenario& scenario, std::size_t step, Trace& trace) override;
  void end() override;

 private:
  // Hands each request on to an exporter and writes it down.
  class LoggedExporter final : public Object {
   public:
    LoggedExporter() noexcept : Object(ObjectKind::exporter) {}
    [[nodiscard]] Status build(const Scenario& scenario);
    [[nodiscard]] const std::deque<Consumed::Request>& requests() const noexcept { return requests_; }

    [[nodiscard]] bool is_exporter() const noexcept override { return true; }
    [[nodiscard]] bool has_release_slot() const noexcept override { return true; }
    [[nodiscard]] Status get_buffer(int word, Buffer& view, Edition edition, std::uint32_t runtime) noexcept override;
    void release_buffer(Buffer& view) noexcept override;

   private:
    Exporter exporter_;
    std::uint32_t behaviours_ = 0;
    std::uint8_t refused_requests_ = 0;
    std::deque<Consumed::Request> requests_;  // which do not move: held views point at theirs
  };

  struct Result {
    bool is_there = false;
    bool has_bytes = false;
    std::string bytes;  // what it read, elements in C order
    Buffer view{};  // that it still holds; obj null if none
  };

  void call(const Scenario& scenario, Consumed& consumed, Result& result);
  void call_memoryview(const Scenario& scenario, Consumed& consumed, Result& result);
  // Requests word after word until one is granted; else why none was.
  [[nodiscard]] Error call_in_turn(const Scenario& scenario, Consumed& consumed, Result& result);
  void take(const Scenario& scenario, const Buffer& view, Consumed& consumed, Result& result) const;
  static void give_up(Result& result);

  ConsumerHabit habit_;
  LoggedExporter exporter_;
  std::array<Result, max_slots> results_;
  bool is_dropped_ = false;  // our reference to the exporter
};

}  // namespace bufspec::engine
