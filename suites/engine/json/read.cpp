// Where the reader is in the text, and what it says where it cannot go on.
#include "read.hpp"

namespace bufspec::json {

void Reader::enter(const Place& place, const Value& value) {
  entered_.push_back({place, value_});
  value_ = &value;
}

void Reader::leave() noexcept {
  value_ = entered_.back().outer;
  entered_.pop_back();
}

bool Reader::enter_member(std::string_view key) {
  if (has_failed_) return false;
  for (std::size_t i = 0; i < object_->size() && i < most_members; ++i) {
    if ((*object_)[i].key != key) continue;
    read_ |= std::uint64_t{1} << i;
    enter({key, none}, (*object_)[i].value);
    return true;
  }
  return false;
}

bool Reader::open_object(Outer& outer) {
  const auto* found = as<Object>("an object");
  if (found == nullptr) return false;
  outer = {object_, read_};
  object_ = found;
  read_ = 0;
  return true;
}

void Reader::close_object(const Outer& outer) {
  for (std::size_t i = 0; i < object_->size() && !has_failed_; ++i) {
    if ((read_ >> i & 1) != 0) continue;
    enter({(*object_)[i].key, none}, (*object_)[i].value);
    fail("no such member");
    leave();
  }
  object_ = outer.object;
  read_ = outer.read;
}

const Array* Reader::list_of(std::size_t least, std::size_t most) {
  const auto* found = std::get_if<Array>(&value_->is);
  if (found != nullptr && found->size() >= least && found->size() <= most) return found;
  fail(least == most ? "a list of " + std::to_string(least) : "a list of at most " + std::to_string(most));
  return nullptr;
}

void Reader::fail(std::string expected) {
  if (has_failed_) return;
  has_failed_ = true;
  fault_ = {value_->offset, path(), std::move(expected)};
}

void Reader::fail_missing(std::string_view key) { fail("a member " + std::string(key)); }

void Reader::fail_range(const std::string& least, const std::string& most) {
  fail("an integer from " + least + " to " + most);
}

std::string Reader::path() const {
  std::string text;
  for (const Entered& one : entered_) {
    if (one.place.index != none)
      text += '[' + std::to_string(one.place.index) + ']';
    else
      text += (text.empty() ? "" : ".") + std::string(one.place.key);
  }
  return text;
}

}  // namespace bufspec::json
