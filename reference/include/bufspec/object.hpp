// Objects: what the library's functions need to know of what they are given. Tables:
// spec/tables/70-functions.yaml, 80-arguments.yaml.  A model, not an interpreter: references are counted, nobody
// is deleted by the count, and an object outlives every view of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "bufspec/errors.hpp"
#include "bufspec/flags.hpp"
#include "bufspec/requests.hpp"
#include "bufspec/view.hpp"

namespace bufspec {

enum class ObjectKind : std::uint8_t { exporter, memoryview, text, none, number, other };

// An object, with the two slots of the buffer interface.  As it is, it has neither: not an exporter.
//
// Buffer::obj is always an Object*.
class Object {
 public:
  Object() noexcept = default;
  explicit Object(ObjectKind kind) noexcept : kind_(kind) {}
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  virtual ~Object() = default;

  [[nodiscard]] ObjectKind kind() const noexcept { return kind_; }
  // Whether the type has bf_getbuffer [function.check_buffer.answers], and bf_releasebuffer
  // [lifetime.release.slot_optional].
  [[nodiscard]] virtual bool is_exporter() const noexcept { return false; }
  [[nodiscard]] virtual bool has_release_slot() const noexcept { return false; }
  [[nodiscard]] virtual bool is_hashable() const noexcept { return true; }

  // bf_getbuffer: on success every field is filled and view.obj holds a new reference.
  // Requires: is_exporter(); without it the answer is a type_error.
  [[nodiscard]] virtual Status get_buffer(int /*word*/, Buffer& /*view*/, Edition /*edition*/ = Edition::current,
                                          std::uint32_t /*runtime*/ = latest_runtime) noexcept {
    return {Error::type_error, "not an exporter"};
  }
  // bf_releasebuffer: gives one export back and leaves view.obj alone.
  virtual void release_buffer(Buffer& /*view*/) noexcept {}

  void add_reference() noexcept { ++references_; }
  void drop_reference() noexcept { --references_; }
  [[nodiscard]] long references() const noexcept { return references_; }

 private:
  ObjectKind kind_ = ObjectKind::other;
  long references_ = 1;
};

// A text, as s* and z* take it.  Not an exporter; it owns the UTF-8 that they show.
class Text final : public Object {
 public:
  explicit Text(std::string utf8) : Object(ObjectKind::text), utf8_(std::move(utf8)) {}
  [[nodiscard]] std::string& utf8() noexcept { return utf8_; }
  // False for a text with a lone surrogate, which has no UTF-8.
  [[nodiscard]] bool is_encodable() const noexcept;

 private:
  std::string utf8_;
};

// An exporter that hands every request on to another object, which view.obj then names
// [lifetime.chain.redirect].
class Redirect final : public Object {
 public:
  // Requires: `target` outlives this object.
  explicit Redirect(Object& target) noexcept : Object(ObjectKind::exporter), target_(target) {}
  [[nodiscard]] bool is_exporter() const noexcept override { return true; }
  [[nodiscard]] bool has_release_slot() const noexcept override { return true; }
  [[nodiscard]] Status get_buffer(int word, Buffer& view, Edition edition = Edition::current,
                                  std::uint32_t runtime = latest_runtime) noexcept override {
    return target_.get_buffer(word, view, edition, runtime);
  }

 private:
  Object& target_;
};

}  // namespace bufspec
