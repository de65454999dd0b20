// Opaque handles as classes, and member functions as table entries.
//
//   class Program {
//    public:
//     using Handle = bp_program;
//     Host host() const;
//     void specialize(const bp_specialize_args* args, bp_instance* instance, bp_instance_info* info) const;
//   };
//   table.specialize = entry<&Program::specialize>;
//   table.release_program = release_entry<Program>;
#ifndef BACKPLANE_PROVIDER_CPP_HANDLE_HPP
#define BACKPLANE_PROVIDER_CPP_HANDLE_HPP

#include <memory>

#include "guard.hpp"

namespace bp::sdk {

// The object behind a handle that to_handle made.
template <class T>
[[nodiscard]] T& from_handle(typename T::Handle handle) {
  return *reinterpret_cast<T*>(handle);
}

// Gives an object to the host, which hands it back to release_entry<T>.
template <class T>
[[nodiscard]] typename T::Handle to_handle(std::unique_ptr<T> object) {
  return reinterpret_cast<typename T::Handle>(object.release());
}

// The handle of an object that its owner keeps, such as a device.
template <class T>
[[nodiscard]] typename T::Handle handle_of(T& object) {
  return reinterpret_cast<typename T::Handle>(&object);
}

namespace detail {

template <auto Member>
struct Entry;

template <class T, class... Args, void (T::*Member)(Args...)>
struct Entry<Member> {
  static bp_status call(typename T::Handle handle, Args... args) noexcept {
    T& object = from_handle<T>(handle);
    return guard(object.host(), [&] { (object.*Member)(args...); });
  }
};

template <class T, class... Args, void (T::*Member)(Args...) const>
struct Entry<Member> {
  static bp_status call(typename T::Handle handle, Args... args) noexcept {
    const T& object = from_handle<T>(handle);
    return guard(object.host(), [&] { (object.*Member)(args...); });
  }
};

template <class T>
void release(typename T::Handle handle) noexcept {
  delete reinterpret_cast<T*>(handle);
}

}  // namespace detail

// A table entry that calls `Member` of the class behind the handle and stops its exceptions. The member returns
// void; the class has a Handle and a host().
template <auto Member>
inline constexpr auto entry = &detail::Entry<Member>::call;

// A table entry that deletes what to_handle gave away; NULL is ignored.
template <class T>
inline constexpr auto release_entry = &detail::release<T>;

}  // namespace bp::sdk

#endif
