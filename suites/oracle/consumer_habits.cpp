#include "consumer_habits.hpp"

namespace bufspec::oracle {

const std::vector<ConsumerHabit>& consumer_habits() {
  using enum ConsumerKind;
  static const std::vector<ConsumerHabit> habits{
      {},
      {"holds its view", {flag::FULL_RO}, keeps, true},
      {"asks for bytes", {flag::SIMPLE}},
      {"asks for a shape", {flag::ND}},
      {"asks for strides", {flag::STRIDES}, reads, true},
      {"asks for contiguous memory", {flag::ANY_CONTIGUOUS | flag::FORMAT, flag::C_CONTIGUOUS}},
      {"asks for less and less", {flag::FULL_RO, flag::RECORDS_RO, flag::STRIDED_RO, flag::ND, flag::SIMPLE}},
      {"tries to write first", {flag::FULL, flag::FULL_RO}, keeps, true},
      {"has a fallback", {flag::SIMPLE}, reads, false, true},
      {"fills", {flag::FULL}, fills},
      {"fills bytes and holds them", {flag::WRITABLE}, fills, true},
      {"asks for everything", {flag::FULL_RO}},
  };
  return habits;
}

}  // namespace bufspec::oracle
