#include "ledger.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <new>
#include <type_traits>

namespace bufspec::engine {

namespace {

constexpr char stamp[8] = {'b', 'u', 'f', 's', 'p', 'e', 'c', 'L'};
constexpr std::uint32_t layout_version = 6;

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

constexpr std::size_t counts_at = offsetof(LedgerData, cases_done);
static_assert(sizeof(LedgerData) - counts_at <= ledger_pages * ledger_page);

// How many pages of counts are in use: the tallies fill up from the front.
std::size_t pages_in_use(const LedgerData& data) noexcept {
  const std::size_t size =
      offsetof(LedgerData, tallies) - counts_at + std::max<std::size_t>(1, tallies_in_use(data)) * sizeof(Tally);
  return (size + ledger_page - 1) / ledger_page;
}

// The checksum of a page of counts.  Four lanes, because each word of a lane waits for the one before.
std::uint64_t seal_of(const LedgerData& data, std::size_t page) noexcept {
  constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;
  constexpr std::size_t lane_count = 4;
  constexpr std::size_t stride = lane_count * sizeof(std::uint64_t);
  const char* const begin = reinterpret_cast<const char*>(&data) + counts_at + page * ledger_page;
  const std::size_t size = std::min(ledger_page, sizeof(LedgerData) - counts_at - page * ledger_page);
  std::array<std::uint64_t, lane_count> lanes{page + 1, ~page, odd, odd ^ page};
  for (std::size_t at = 0; at + stride <= size; at += stride) {
    std::array<std::uint64_t, lane_count> words;
    std::memcpy(words.data(), begin + at, stride);
    for (std::size_t n = 0; n < lane_count; ++n) lanes[n] = std::rotl((lanes[n] ^ words[n]) * odd, 29);
  }
  std::uint64_t rest = 0;
  for (std::size_t at = size - size % stride; at < size; ++at)
    rest = (rest ^ static_cast<unsigned char>(begin[at])) * odd;
  for (const std::uint64_t lane : lanes) rest = std::rotl((rest ^ lane) * odd, 31);
  return rest;
}

bool is_sealed(const LedgerData& data) noexcept {
  const std::size_t pages = pages_in_use(data);
  for (std::size_t page = 0; page < pages; ++page)
    if (data.seals[page] != seal_of(data, page)) return false;
  return true;
}

bool is_possible(const Accepted& one) noexcept { return one.accepted <= one.given; }

void count(Accepted& one, bool is_accepted) noexcept {
  ++one.given;
  one.accepted += is_accepted ? 1 : 0;
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
  close_counts();
}

bool Ledger::is_valid() const noexcept {
  return std::memcmp(data_->magic, stamp, sizeof stamp) == 0 && data_->version == layout_version &&
         data_->rules == rule_count;
}

void Ledger::begin_run(std::uint8_t target, std::uint8_t edition) noexcept {
  data_->target = target;
  data_->edition = edition;
  data_->setting_up.store(0, std::memory_order_relaxed);
  if (data_->counting.load(std::memory_order_relaxed) == 0) return;
  ++data_->cut_short;
  close_counts();
}

bool Ledger::open_counts() noexcept {
  is_overwritten_ = is_overwritten_ || !is_sealed(*data_);
  if (!is_overwritten_) data_->counting.store(1, std::memory_order_relaxed);
  return !is_overwritten_;
}

void Ledger::close_counts() noexcept {
  const std::size_t pages = pages_in_use(*data_);
  for (std::size_t page = 0; page < pages; ++page) data_->seals[page] = seal_of(*data_, page);
  data_->counting.store(0, std::memory_order_relaxed);
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
  if (!open_counts()) return;
  count(data_->memories, is_accepted);
  for (std::size_t bit = 0; bit < capability_count; ++bit)
    if ((needed >> bit & 1U) != 0) count(data_->memories_by_capability[bit], is_accepted);
  // An empty memory is read right by whoever reads nothing.
  if ((needed & capability::empty) == 0)
    count(data_->by_class.memories[index_of(class_of_memory(needed))], is_accepted);
  close_counts();
}

void Ledger::add_compound(std::size_t number, bool is_granted) noexcept {
  count(data_->by_class.requests[number], is_granted);
}

void Ledger::add_broken(Class one, Rule rule) noexcept {
  data_->by_class.broken[index_of(one)][index_of(rule) / 64] |= std::uint64_t{1} << (index_of(rule) % 64);
}

const char* damage_of(const LedgerData& data) noexcept {
  const bool is_counting = data.counting.load(std::memory_order_relaxed) != 0;
  if (data.tally_count.load(std::memory_order_relaxed) > ledger_tallies) return "it counts more outcomes than it holds";
  if (!is_counting && !is_sealed(data)) return "its counters were overwritten";
  // The case that is being counted is not done yet.
  const std::uint64_t done =
      std::uint64_t{data.cases_done.load(std::memory_order_relaxed)} + data.cut_short + (is_counting ? 1 : 0);
  std::uint64_t judged = 0;
  for (std::size_t i = 0; i < tallies_in_use(data); ++i) {
    if (data.tallies[i].count > done) return "it counts more judged cases than were done";
    judged += data.tallies[i].count;
  }
  if (judged > done) return "it counts more judged cases than were done";
  for (const std::uint64_t failed : data.failed)
    if (failed > done) return "it counts more failed cases than were done";
  if (!is_possible(data.memories) || !std::ranges::all_of(data.memories_by_capability, is_possible))
    return "it counts more accepted memories than were given";
  if (!std::ranges::all_of(data.by_class.requests, is_possible) ||
      !std::ranges::all_of(data.by_class.memories, is_possible))
    return "it counts more in a class than was tried";
  if (!is_counting && data.cut_short == 0 && data.exercised.granted > data.requests)
    return "it counts more granted requests than answers";
  return nullptr;
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
