// The handle by which the driver of exporters reaches an object: one class for each kind of object (a CPython object, the
// reference's exporter, later what a C ABI hands over).  A call does one thing and judges nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bufspec/errors.hpp"
#include "bufspec/rules.hpp"
#include "bufspec/trace.hpp"
#include "suites/engine/observe/reused_memory.hpp"

namespace bufspec::engine {

// Which way a request takes: the library's function, or the type's own slot without what the function adds.
enum class Route : std::uint8_t { library, slot };

// What an operation is done to: the object that is judged, or its twin.
enum class Which : std::uint8_t { object, twin };

// The exception that a call left behind.
struct Raised {
  bool is_set = false;
  Error error = Error::none;
  std::string name;  // of its type
};

class Exported {
 public:
  Exported() = default;
  Exported(const Exported&) = delete;
  Exported& operator=(const Exported&) = delete;
  virtual ~Exported() = default;

  // What can be seen of such objects: observation::* bits.
  [[nodiscard]] virtual unsigned observes() const noexcept = 0;
  // The interpreter behind the object, as in Trace::runtime.
  [[nodiscard]] virtual std::uint32_t runtime() const noexcept = 0;
  // The allocators that its memory may have come from.
  [[nodiscard]] virtual std::span<const Allocator> allocators() const noexcept = 0;

  // The bytes of the block that the object itself lies in, in which its memory may lie, too; 0 where nobody knows.
  [[nodiscard]] virtual std::size_t object_size() const noexcept { return 0; }

  // Puts a new object in the place of the old one: one built from `layout`, or a ready-made one where that is null.
  // False if there is none; then no object is left either.
  [[nodiscard]] virtual bool make(const Layout* layout) = 0;
  // Whether make(nullptr) gives another object each time; one that is the same for ever may not be changed.  Makes no large
  // object in addition to the one there is, if that cannot be what the next call gives.
  [[nodiscard]] virtual bool makes_another(bool is_large) = 0;
  // Makes the twin: an object like the present one, which is never exported.  False if there is none.
  [[nodiscard]] virtual bool make_twin() = 0;
  // Whether a ready-made object could not be made, by any of these three: the factory has failed, and nothing more is made.
  [[nodiscard]] virtual bool has_failed() const noexcept { return false; }
  // The elements that the object must show, in C order; absent where nobody said.  They may be many: nobody copies them.
  [[nodiscard]] virtual std::optional<std::string_view> expected() const noexcept = 0;

  // What the object itself says its elements are just now, by other ways than a buffer.  Absent where it has no such way, or where
  // there are many elements.
  [[nodiscard]] virtual std::optional<std::string> content() { return std::nullopt; }

  // Whether somebody said that the object is never to be written.
  [[nodiscard]] virtual bool is_declared_readonly() const noexcept { return false; }
  // Whether memory from `first` up to `end`, not empty, is one that the object says never changes.
  [[nodiscard]] virtual Unchanging unchanging(std::uintptr_t first, std::uintptr_t end) {
    static_cast<void>(first), static_cast<void>(end);
    return Unchanging::no;
  }

  // Requests a view.  The status that the call returned; absent where the object has no such way.
  [[nodiscard]] virtual std::optional<int> ask(Buffer& view, int flags, Route route) = 0;
  virtual void release(Buffer& view) = 0;
  // Takes the exception that the last call left behind.
  [[nodiscard]] virtual Raised exception() = 0;
  // Drops an exception that nobody needs to know; cheaper than taking it.
  virtual void forget_exception() noexcept = 0;
  // Sets an exception, as one is set in code that unwinds.  False where there is no such thing.
  [[nodiscard]] virtual bool raise() { return false; }
  // Whether the exception that raise() set is the one that is set now; none is set any more.
  [[nodiscard]] virtual bool takes_back() { return false; }
  // The type of what a release raised since the last call where nobody could catch it; empty if nothing.
  [[nodiscard]] virtual std::string unraisable() { return {}; }
  // References to the object; absent if they cannot be counted or the object was dropped.
  [[nodiscard]] virtual std::optional<long> references() const noexcept = 0;
  // What `obj`, neither NULL nor poison, is: the object, another one, or none at all.  Trusts nothing.
  [[nodiscard]] virtual Owner owner(const void* obj) const noexcept = 0;

  // The operations that may change such an object, by number.
  [[nodiscard]] virtual std::size_t operation_count() const noexcept = 0;
  [[nodiscard]] virtual std::string operation_name(std::size_t number) const = 0;
  // Does operation `number`; what it raised.
  [[nodiscard]] virtual Raised operate(std::size_t number, Which which) = 0;

  // Makes another object, which is not looked at: one built from `layout`, or a ready-made one that operation `number`
  // changes first, if there is one of that number.  Asks it with FULL_RO, gives the view back, and gives the object up.
  // False where there is no other object.
  [[nodiscard]] virtual bool use_another(const Layout* layout, std::size_t number) {
    static_cast<void>(layout), static_cast<void>(number);
    return false;
  }

  // Makes one of `exporter_checks`, of objects like the present one; false where they have nothing that it is about.
  [[nodiscard]] virtual bool check(Rule rule, Called& called) {
    static_cast<void>(rule), static_cast<void>(called);
    return false;
  }

  // Gives up every reference of ours to the object.
  virtual void drop() = 0;
  // Runs the garbage collector, where there is one.
  virtual void collect() = 0;
  // Runs `inside` while the object is being used, where there is a way in; else not at all.
  virtual void re_enter(const std::function<void()>& inside) = 0;

  // Runs `work` in a thread of the driver's making, with whatever a thread needs to call the object.
  virtual void in_thread(const std::function<void()>& work) = 0;
  // Runs `wait` while other threads may call the object.
  virtual void while_others_run(const std::function<void()>& wait) = 0;
};

// A view that is released when this goes, whatever is thrown, or before.
class ReleasedAtEnd {
 public:
  ReleasedAtEnd(Exported& exported, Buffer& view, bool is_held) noexcept
      : exported_(exported), view_(view), is_held_(is_held) {}
  ~ReleasedAtEnd() { now(); }
  ReleasedAtEnd(const ReleasedAtEnd&) = delete;
  ReleasedAtEnd& operator=(const ReleasedAtEnd&) = delete;

  void now() {
    if (is_held_) exported_.release(view_);
    is_held_ = false;
  }

 private:
  Exported& exported_;
  Buffer& view_;
  bool is_held_;
};

}  // namespace bufspec::engine
