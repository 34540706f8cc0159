#include "ledger.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <type_traits>

namespace bufspec::engine {

namespace {

constexpr char stamp[8] = {'b', 'u', 'f', 's', 'p', 'e', 'c', 'L'};
constexpr std::uint32_t layout_version = 4;

static_assert(std::is_standard_layout_v<LedgerData>);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "a breadcrumb must survive the death of its writer");

void words_of(const RuleSet& rules, std::uint64_t (&words)[rule_words]) noexcept {
  std::fill(std::begin(words), std::end(words), 0);
  for (std::size_t i = 0; i < rule_count; ++i)
    if (rules[i]) words[i / 64] |= std::uint64_t{1} << (i % 64);
}

std::size_t tallies_in_use(const LedgerData& data) noexcept {
  return std::min<std::size_t>(data.tally_count.load(std::memory_order_relaxed), ledger_tallies);
}

}  // namespace

Ledger::Ledger(void* memory, bool create) noexcept : data_(static_cast<LedgerData*>(memory)) {
  if (!create) return;
  data_ = new (memory) LedgerData{};
  std::memcpy(data_->magic, stamp, sizeof stamp);
  data_->version = layout_version;
  data_->rules = rule_count;
  data_->exercised.richest_len = -1;
  for (Breadcrumb& thread : data_->threads) thread.place.store(before_the_first_case, std::memory_order_relaxed);
}

bool Ledger::is_valid() const noexcept {
  return std::memcmp(data_->magic, stamp, sizeof stamp) == 0 && data_->version == layout_version &&
         data_->rules == rule_count;
}

void Ledger::begin_run(std::uint8_t target, std::uint8_t edition) noexcept {
  data_->target = target;
  data_->edition = edition;
}

std::uint64_t& Ledger::tally(const RuleSet& judged, std::uint64_t readings) noexcept {
  std::uint64_t words[rule_words];
  words_of(judged, words);
  const std::size_t used = tallies_in_use(*data_);
  for (std::size_t i = 0; i < used; ++i) {
    Tally& tally = data_->tallies[i];
    if (tally.readings == readings && std::memcmp(tally.judged, words, sizeof words) == 0) return tally.count;
  }
  if (used == ledger_tallies) {
    Tally& last = data_->tallies[ledger_tallies - 1];
    for (std::size_t i = 0; i < rule_words; ++i) last.judged[i] |= words[i];
    last.readings |= readings;
    return last.count;
  }
  Tally& fresh = data_->tallies[used];
  std::memcpy(fresh.judged, words, sizeof words);
  fresh.readings = readings;
  fresh.count = 0;
  data_->tally_count.store(static_cast<std::uint32_t>(used + 1), std::memory_order_relaxed);
  return fresh.count;
}

void Ledger::add_memory(unsigned needed, bool is_accepted) noexcept {
  const auto count = [&](Accepted& one) {
    ++one.given;
    one.accepted += is_accepted ? 1 : 0;
  };
  count(data_->memories);
  for (std::size_t bit = 0; bit < capability_count; ++bit)
    if ((needed >> bit & 1U) != 0) count(data_->memories_by_capability[bit]);
}

std::uint64_t cases_judged(const LedgerData& data, Rule rule) noexcept {
  const std::size_t bit = index_of(rule);
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < tallies_in_use(data); ++i)
    if ((data.tallies[i].judged[bit / 64] >> (bit % 64) & 1) != 0) count += data.tallies[i].count;
  return count;
}

std::uint64_t cases_reading(const LedgerData& data, std::size_t reading) noexcept {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < tallies_in_use(data); ++i)
    if ((data.tallies[i].readings >> reading & 1) != 0) count += data.tallies[i].count;
  return count;
}

}  // namespace bufspec::engine
