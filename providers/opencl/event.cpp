// Waiting, polling and callbacks.
#include "event.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "device.hpp"
#include "notifier.hpp"

namespace bp::opencl {

namespace {

cl_int execution_status(cl_event event) {
  cl_int status = CL_QUEUED;
  const cl_int error =
      clGetEventInfo(event, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof status, &status, nullptr);
  return error == CL_SUCCESS ? status : error;
}

bp_status status_from(Host host, const std::optional<Failure>& failure) {
  if (!failure) return nullptr;
  return host.make_status(failure->code, failure->text, failure->provider_code);
}

// A callback on its way.
struct Call {
  std::shared_ptr<EventState> state;
  bp_event_callback callback;
  void* user;
  void make() const noexcept { callback(user, status_from(state->device().host(), state->error())); }
};

// The call that this thread is registering: the driver may call back before it returns.
thread_local const Call* registering = nullptr;

void CL_CALLBACK completed(cl_event, cl_int, void* user) {
  std::unique_ptr<Call> call(static_cast<Call*>(user));
  if (registering != call.get()) return call->make();
  call->state->device().notifier().post([held = std::make_shared<Call>(*call)] { held->make(); });
}

bp_status import_handle(bp_device handle, uint32_t handle_type, uint64_t value, bp_event* event) {
  Device& device = sdk::from_handle<Device>(handle);
  return guard(device.host(), [&] {
    if (handle_type != BP_EVENT_HANDLE_CL_EVENT) {
      throw Error(BP_STATUS_UNSUPPORTED, text("events of handle type ", handle_type, " are not taken"));
    }
    const auto foreign = reinterpret_cast<cl_event>(static_cast<uintptr_t>(value));
    cl_context context = nullptr;
    check(clGetEventInfo(foreign, CL_EVENT_CONTEXT, sizeof context, &context, nullptr), "clGetEventInfo");
    if (context != device.context()) {
      throw Error(BP_STATUS_UNSUPPORTED, "the cl_event belongs to another OpenCL context");
    }
    auto made = std::make_unique<Event>();
    made->state = std::make_shared<EventState>(device, ClEvent::share(foreign));
    made->imported = true;
    *event = sdk::to_handle(std::move(made));
  });
}

bp_status poll(bp_event handle, uint32_t* state) {
  const auto& event = sdk::from_handle<Event>(handle);
  return guard(event.host(), [&]() -> bp_status {
    const bool complete = event.state->is_complete();
    *state = complete ? BP_EVENT_COMPLETE : BP_EVENT_PENDING;
    return complete ? status_from(event.host(), event.state->error()) : nullptr;
  });
}

}  // namespace

bool EventState::is_complete() const {
  return execution_status(event_.get()) <= CL_COMPLETE &&
         std::all_of(upstream.begin(), upstream.end(), [](const auto& event) { return event->is_complete(); });
}

std::optional<Failure> EventState::error() const {
  if (failure) return failure;
  for (const auto& event : upstream) {
    if (auto carried = event->error()) return carried;
  }
  const cl_int status = execution_status(event_.get());
  if (status >= 0) return {};
  // Whatever a command died of: the objects of the device are of no use any more.
  const uint32_t code = status_of(status) == BP_STATUS_INTERNAL ? BP_STATUS_DEVICE_LOST : status_of(status);
  return Failure{code, text("a command of the queue failed: ", cl_error_name(status)), status};
}

Host Event::host() const noexcept { return state->device().host(); }

void Event::wait(int64_t timeout_ns) const {
  if (timeout_ns < 0) {
    const cl_event event = state->get();
    const cl_int error = clWaitForEvents(1, &event);
    if (error != CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST) check(error, "clWaitForEvents");
  } else {
    // OpenCL waits for ever only: look, and sleep a little longer each time.
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    auto pause = std::chrono::nanoseconds(2'000);
    while (!state->is_complete()) {
      const auto left = std::chrono::nanoseconds(timeout_ns) - (Clock::now() - begin);
      if (left.count() <= 0) throw Error(BP_STATUS_TIMEOUT, text("pending after ", timeout_ns, " ns"));
      std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(pause, left));
      pause = std::min<std::chrono::nanoseconds>(pause * 2, std::chrono::milliseconds(1));
    }
  }
  if (const auto carried = state->error()) throw Error(carried->code, carried->text, carried->provider_code);
}

void Event::on_complete(bp_event_callback callback, void* user) const {
  auto call = std::make_unique<Call>(Call{state, callback, user});
  registering = call.get();
  const cl_int error = clSetEventCallback(state->get(), CL_COMPLETE, completed, call.get());
  registering = nullptr;
  check(error, "clSetEventCallback");
  static_cast<void>(call.release());  // now completed()'s
}

void Event::timestamp(uint64_t* device_ns) const {
  if (imported) throw Error(BP_STATUS_UNSUPPORTED, "an imported event has no time on this device's clock");
  cl_ulong end = 0;
  check(clGetEventProfilingInfo(state->get(), CL_PROFILING_COMMAND_END, sizeof end, &end, nullptr),
        "clGetEventProfilingInfo");
  *device_ns = end;
}

void Event::export_handle(uint32_t handle_type, uint64_t* handle) const {
  if (handle_type != BP_EVENT_HANDLE_CL_EVENT) {
    throw Error(BP_STATUS_UNSUPPORTED, text("events are not given as handle type ", handle_type));
  }
  *handle = reinterpret_cast<uintptr_t>(state->get());
}

const bp_event_api kEventApi = {
    BP_STRUCT_SIZE(bp_event_api, import_handle),
    0,
    sdk::release_entry<Event>,
    sdk::entry<&Event::wait>,
    poll,
    sdk::entry<&Event::on_complete>,
    sdk::entry<&Event::timestamp>,
    sdk::entry<&Event::export_handle>,
    import_handle,
};

}  // namespace bp::opencl
