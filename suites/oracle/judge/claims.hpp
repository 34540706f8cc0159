// What the judge must find: a right trace, one thing spoilt, and the rules that are then broken, in this order and no others.
// None where the judge must keep silent.  Data, by area in claims_*.cpp; claims_oracle.cpp tests them.
#pragma once

#include <functional>
#include <source_location>
#include <type_traits>
#include <utility>
#include <vector>

#include "right_trace.hpp"

namespace bufspec::oracle {

struct Claim {
  std::source_location where;
  Right right;
  std::function<void(Trace&)> spoil;
  Rules broken;
  bool declared_only = false;  // a ready-made object may do this

  [[nodiscard]] Right spoilt() const { return right.with(spoil); }
};

// Collects claims: claim(asked("c_2d_int", flag::ND), set(&View::len, 20), {Rule::field_len_product}).
class Claims {
 public:
  template <typename Change>
  Claim& operator()(Right right, const Change& change, Rules broken,
                    std::source_location where = std::source_location::current()) {
    // A function is kept by its address.
    auto spoils = [kept = std::decay_t<Change>(change)](Trace& trace) { spoil(trace, kept); };
    claims_.push_back({where, std::move(right), std::move(spoils), std::move(broken), false});
    return claims_.back();
  }
  [[nodiscard]] const std::vector<Claim>& all() const noexcept { return claims_; }

 private:
  std::vector<Claim> claims_;
};

void add_request_claims(Claims& claim);
void add_field_claims(Claims& claim);
void add_lifetime_claims(Claims& claim);
void add_consumer_claims(Claims& claim);
void add_call_claims(Claims& claim);

// All of them, made once.
[[nodiscard]] const std::vector<Claim>& claims();

}  // namespace bufspec::oracle
