// A CPython object behind the handle of the driver: requests go through PyObject_GetBuffer or the type's own slot, objects
// come from a factory or are built from a layout.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "built_objects.hpp"
#include "harness/adapters/cpython/api/collector.hpp"
#include "harness/adapters/cpython/api/python_api.hpp"
#include "suites/engine/exporter/exported.hpp"
#include "unraisable_hook.hpp"

namespace bufspec::cpython {

// Something that may be done to an object: a name for records, and a callable of the object.
struct Operation {
  std::string name;
  Ref callable;
};

// What a subject is declared to be.
struct ExporterDeclaration {
  Ref factory;  // called without arguments for each object that is needed
  Ref build;  // called with a Layout; null for one that builds nothing
  Ref expect;  // bytes, the elements in C order of each object of the factory; null where nobody said
  std::vector<Operation> operations;  // a mutate step names one by its number
  Ref check;  // called with a rule of exporter_checks and the type of the object: None, or what was owed and what was
      // found, both empty if all is right; null where none are made
  bool is_volatile = false;  // others may change the memory at any time
  bool is_readonly = false;  // it is never to be written
};

class ExportedObject final : public engine::Exported {
 public:
  explicit ExportedObject(ExporterDeclaration declared);

  [[nodiscard]] unsigned observes() const noexcept override;
  [[nodiscard]] std::uint32_t runtime() const noexcept override { return static_cast<std::uint32_t>(Py_Version); }
  [[nodiscard]] std::span<const engine::Allocator> allocators() const noexcept override;
  [[nodiscard]] std::size_t object_size() const noexcept override { return object_size_; }

  // The exception of a factory that fails is kept; what goes wrong in building is noted in build_failure().
  [[nodiscard]] bool make(const Layout* layout) override;
  [[nodiscard]] bool makes_another(bool is_large) override;
  [[nodiscard]] bool make_twin() override;
  [[nodiscard]] bool use_another(const Layout* layout, std::size_t number) override;
  [[nodiscard]] bool has_failed() const noexcept override { return static_cast<bool>(failure_.type); }
  [[nodiscard]] std::optional<std::string_view> expected() const noexcept override;

  // By the type's own __bytes__ or tobytes(), or item by item where it is a short sequence of bytes.
  [[nodiscard]] std::optional<std::string> content() override;

  [[nodiscard]] bool is_declared_readonly() const noexcept override { return declared_.is_readonly; }
  [[nodiscard]] Unchanging unchanging(std::uintptr_t first, std::uintptr_t end) override;

  [[nodiscard]] std::optional<int> ask(Buffer& view, int flags, engine::Route route) override;
  void release(Buffer& view) override { PyBuffer_Release(&py_buffer(view)); }
  [[nodiscard]] Raised exception() override;
  void forget_exception() noexcept override { PyErr_Clear(); }
  // False for a type that releases in Python: what becomes of the exception is then up to the interpreter.
  [[nodiscard]] bool raise() override;
  [[nodiscard]] bool takes_back() override;
  [[nodiscard]] std::string unraisable() override;
  // Those to the object; of one whose method makes the views, those to that object as well.
  [[nodiscard]] std::optional<long> references() const noexcept override;
  [[nodiscard]] Owner owner(const void* obj) const noexcept override { return owner_of(obj, asked_); }

  [[nodiscard]] std::size_t operation_count() const noexcept override { return declared_.operations.size(); }
  [[nodiscard]] std::string operation_name(std::size_t number) const override;
  [[nodiscard]] Raised operate(std::size_t number, engine::Which which) override;

  [[nodiscard]] bool check(Rule rule, Called& called) override;
  void drop() override;
  void collect() override;
  // From inside the indexing of a memoryview of the object.
  void re_enter(const std::function<void()>& inside) override;

  void in_thread(const std::function<void()>& work) override;
  void while_others_run(const std::function<void()>& wait) override;

  // The object that is asked; null where there is none.
  [[nodiscard]] PyObject* object() const noexcept { return object_.get(); }
  // The type of the exception of the last request that was refused, borrowed: types of exceptions outlive the run.
  [[nodiscard]] PyObject* last_refusal() const noexcept { return last_refusal_; }
  // What went wrong when an object was built from a layout, for the first layout with which that happened.
  [[nodiscard]] const std::string& build_failure() const noexcept { return build_failure_; }
  // Sets the exception that the factory raised.  Requires has_failed(), once.
  void raise_failure();

 private:
  // An exception as the interpreter keeps it.
  struct Failure {
    Ref type;
    Ref value;
    Ref traceback;
  };

  // What the factory gives; null where it fails, and then its exception is kept.
  Ref made();

  ExporterDeclaration declared_;
  Collector collector_;
  BuiltObjects built_;
  BuiltObjects others_;  // what their elements are does not matter
  Ref object_;
  Ref twin_;
  PyObject* asked_ = nullptr;  // the object, also when it was dropped: for comparing, not for use
  std::size_t object_size_ = 0;
  std::optional<Layout> layout_;  // what the object was built from; absent for one of the factory
  Ref raised_;  // the exception that raise() set
  bool is_said_twice_ = false;  // its bytes and its items were the same when it was asked last
  bool releases_in_python_ = false;
  UnraisableHook unraisable_;
  PyObject* last_refusal_ = nullptr;
  std::string build_failure_;
  Failure failure_;
};

}  // namespace bufspec::cpython
