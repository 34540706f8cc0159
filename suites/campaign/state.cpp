#include "state.hpp"

#include <algorithm>
#include <cstring>

namespace bufspec::campaign {

namespace {

constexpr char magic[8] = {'b', 'u', 'f', 's', 'p', 'c', 'a', 'm'};
constexpr std::uint32_t version = 1;

}  // namespace

State::State(void* memory, bool create) noexcept : data_(static_cast<StateData*>(memory)) {
  if (!create) return;
  data_->version = version;
  data_->rules = static_cast<std::uint32_t>(rule_count);
  std::memcpy(data_->magic, magic, sizeof magic);
}

bool State::is_valid() const noexcept {
  if (std::memcmp(data_->magic, magic, sizeof magic) != 0 || data_->version != version || data_->rules != rule_count)
    return false;
  if (data_->current > 1 || data_->tried_bytes > most_tried_bytes || data_->reported_count > most_reported ||
      data_->kept_count > most_kept || data_->kept_bytes > most_kept_bytes)
    return false;
  const auto is_inside = [&](const KeptEntry& one) {
    return one.offset <= data_->kept_bytes && one.size <= data_->kept_bytes - one.offset && one.bucket < bucket_count;
  };
  return std::all_of(data_->kept, data_->kept + data_->kept_count, is_inside);
}

void State::commit(const Totals& totals) noexcept {
  const std::uint32_t other = 1 - (data_->current.load(std::memory_order_relaxed) & 1);
  data_->totals[other] = totals;
  data_->current.store(other, std::memory_order_release);
}

void State::begin(std::uint64_t execution, std::span<const std::uint8_t> scenario) noexcept {
  data_->trying.store(0, std::memory_order_release);
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
  if (tried().empty()) return false;
  Totals now = totals();
  ++now.executions;
  ++now.deaths;
  commit(now);
  end();
  return true;
}

void State::keep(std::span<const std::uint8_t> scenario, std::uint32_t bucket, bool is_of_code) noexcept {
  const std::size_t count = kept_count();
  const std::uint32_t offset = data_->kept_bytes;
  if (count >= most_kept || scenario.size() > most_kept_bytes - offset) return;
  if (count > 0) {
    const auto last = kept(count - 1);
    if (std::equal(last.begin(), last.end(), scenario.begin(), scenario.end())) return;
  }
  std::memcpy(data_->corpus + offset, scenario.data(), scenario.size());
  data_->kept[count] = {offset, static_cast<std::uint32_t>(scenario.size()), bucket, 0, is_of_code ? 1U : 0U};
  data_->kept_bytes = offset + static_cast<std::uint32_t>(scenario.size());
  data_->kept_count.store(static_cast<std::uint32_t>(count + 1), std::memory_order_release);
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
