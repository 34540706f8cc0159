#include "state.hpp"

#include <algorithm>
#include <cstring>

namespace bufspec::campaign {

namespace {

constexpr char magic[8] = {'b', 'u', 'f', 's', 'p', 'c', 'a', 'm'};
constexpr std::uint32_t version = 2;

}  // namespace

State::State(void* memory, bool create) noexcept : data_(static_cast<StateData*>(memory)) {
  if (!create) return;
  data_->version = version;
  data_->rules = static_cast<std::uint32_t>(rule_count);
  std::memcpy(data_->magic, magic, sizeof magic);
}

void State::recover() noexcept {
  if (!is_valid()) return;
  if (data_->is_changing.load(std::memory_order_acquire) != 0) carry_over();
  begin_change();
}

bool State::is_valid() const noexcept {
  if (std::memcmp(data_->magic, magic, sizeof magic) != 0 || data_->version != version || data_->rules != rule_count)
    return false;
  if (data_->current > 1 || data_->tried_bytes > most_tried_bytes || data_->reported_count > most_reported ||
      data_->kept_count > most_kept || data_->kept_bytes > most_kept_bytes ||
      data_->change.seen_size > most_seen_at_once || data_->change.kept_size > most_kept_at_once)
    return false;
  const auto is_inside = [&](const KeptEntry& one) {
    return one.offset <= data_->kept_bytes && one.size <= data_->kept_bytes - one.offset && one.bucket < bucket_count;
  };
  return std::all_of(data_->kept, data_->kept + data_->kept_count, is_inside);
}

void State::commit(const Totals& totals) noexcept {
  const std::uint32_t other = 1 - (data_->current.load(std::memory_order_relaxed) & 1);
  data_->totals[other] = totals;
  data_->change.current = other;
  data_->is_changing.store(1, std::memory_order_release);
  carry_over();
  begin_change();
}

void State::begin_change() noexcept {
  ChangeData& change = data_->change;
  change.current = data_->current.load(std::memory_order_relaxed) & 1;
  change.is_covered = data_->is_covered;
  change.kept_bytes = data_->kept_bytes;
  change.seen_size = change.kept_size = 0;
  kept_next_ = kept_count();
}

void State::carry_over() noexcept {
  const ChangeData& change = data_->change;
  for (std::size_t n = 0; n < std::min<std::size_t>(change.seen_size, most_seen_at_once); ++n)
    data_->seen[change.seen[n].bucket % bucket_count] = change.seen[n].times;
  data_->kept_bytes = std::min<std::uint32_t>(change.kept_bytes, most_kept_bytes);
  for (std::size_t n = 0; n < std::min<std::size_t>(change.kept_size, most_kept_at_once); ++n) {
    const ChangeData::Kept& one = change.kept[n];
    data_->kept[one.number % most_kept] = one.entry;
    // Who looks from elsewhere counts an entry only once it is there.
    if (one.number >= data_->kept_count.load(std::memory_order_relaxed))
      data_->kept_count.store(one.number % most_kept + 1, std::memory_order_release);
  }
  data_->is_covered = change.is_covered;
  data_->current.store(change.current & 1, std::memory_order_release);
  data_->is_changing.store(0, std::memory_order_release);
}

void State::begin(std::uint64_t execution, std::span<const std::uint8_t> scenario) noexcept {
  data_->trying.store(0, std::memory_order_release);
  begin_change();
  const std::size_t size = std::min(scenario.size(), most_tried_bytes);
  std::memcpy(data_->tried, scenario.data(), size);
  data_->tried_bytes = static_cast<std::uint32_t>(size);
  data_->trying.store(execution + 1, std::memory_order_release);
}

std::span<const std::uint8_t> State::tried() const noexcept {
  // What was counted already ended well: the process died after it.
  if (data_->trying.load(std::memory_order_relaxed) != totals().executions + 1) return {};
  return {data_->tried, std::min<std::size_t>(data_->tried_bytes, most_tried_bytes)};
}

bool State::lose() noexcept {
  recover();
  if (tried().empty()) return false;
  Totals now = totals();
  ++now.executions;
  ++now.deaths;
  commit(now);
  end();
  return true;
}

bool State::put(std::span<const std::uint8_t> scenario, std::size_t room, std::uint32_t& offset) noexcept {
  offset = data_->change.kept_bytes;
  if (scenario.size() > room || room > most_kept_bytes - offset) return false;
  std::memcpy(data_->corpus + offset, scenario.data(), scenario.size());
  data_->change.kept_bytes = offset + static_cast<std::uint32_t>(room);
  return true;
}

bool State::change_entry(std::size_t number, const KeptEntry& entry) noexcept {
  ChangeData& change = data_->change;
  for (std::size_t n = 0; n < change.kept_size; ++n) {
    if (change.kept[n].number != number) continue;
    change.kept[n].entry = entry;
    return true;
  }
  if (change.kept_size == most_kept_at_once) return false;
  change.kept[change.kept_size++] = {static_cast<std::uint32_t>(number), entry};
  return true;
}

bool State::keep(std::span<const std::uint8_t> scenario, std::uint32_t bucket, bool is_of_code,
                 std::size_t steps) noexcept {
  std::uint32_t offset = 0;
  if (kept_next_ >= most_kept || data_->change.kept_size == most_kept_at_once ||
      !put(scenario, scenario.size(), offset))
    return false;
  return change_entry(kept_next_++, {offset, static_cast<std::uint32_t>(scenario.size()), bucket, 0,
                                     is_of_code ? 1U : 0U, static_cast<std::uint32_t>(steps)});
}

bool State::replace(std::size_t number, std::span<const std::uint8_t> scenario, std::size_t steps) noexcept {
  KeptEntry entry = data_->kept[number];
  std::uint32_t offset = 0;
  // As much room as the old one had: who looks while the entry is written sees no scenario that ends outside.
  if (data_->change.kept_size == most_kept_at_once || !put(scenario, entry.size, offset)) return false;
  entry.offset = offset;
  entry.size = static_cast<std::uint32_t>(scenario.size());
  entry.steps = static_cast<std::uint32_t>(steps);
  entry.tried = 0;
  return change_entry(number, entry);
}

void State::note_tried(std::size_t number) noexcept {
  KeptEntry entry = data_->kept[number];
  ++entry.tried;
  static_cast<void>(change_entry(number, entry));
}

std::span<const std::uint8_t> State::kept(std::size_t number) const noexcept {
  const KeptEntry& one = data_->kept[number];
  return {data_->corpus + one.offset, one.size};
}

bool State::is_reported(std::uint64_t likeness) const noexcept {
  const std::size_t count = data_->reported_count.load(std::memory_order_relaxed);
  return count >= most_reported ||
         std::find(data_->reported, data_->reported + count, likeness) != data_->reported + count;
}

void State::report(std::uint64_t likeness) noexcept {
  const std::uint32_t count = data_->reported_count.load(std::memory_order_relaxed);
  if (count >= most_reported) return;
  data_->reported[count] = likeness;
  data_->reported_count.store(count + 1, std::memory_order_release);
}

}  // namespace bufspec::campaign
