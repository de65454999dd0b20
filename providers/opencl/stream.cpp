#include "stream.hpp"

#include <algorithm>

#include "device.hpp"

namespace bp::opencl {

namespace {

bp_status create(bp_device handle, bp_stream* stream) {
  Device& device = sdk::from_handle<Device>(handle);
  return guard(device.host(), [&] {
    device.context();
    *stream = sdk::to_handle(std::make_unique<Stream>(device, device.make_queue()));
  });
}

bp_status import_native(bp_device handle, uint32_t native_type, uint64_t value, bp_stream* stream) {
  Device& device = sdk::from_handle<Device>(handle);
  return guard(device.host(), [&] {
    if (native_type != BP_NATIVE_CL_COMMAND_QUEUE) {
      throw Error(BP_STATUS_UNSUPPORTED, text("streams of native type ", native_type, " are not taken"));
    }
    const auto queue = reinterpret_cast<cl_command_queue>(static_cast<uintptr_t>(value));
    cl_context context = nullptr;
    check(clGetCommandQueueInfo(queue, CL_QUEUE_CONTEXT, sizeof context, &context, nullptr),
          "clGetCommandQueueInfo");
    cl_command_queue_properties properties = 0;
    check(clGetCommandQueueInfo(queue, CL_QUEUE_PROPERTIES, sizeof properties, &properties, nullptr),
          "clGetCommandQueueInfo");
    if (context != device.context() || (properties & CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE) != 0) {
      throw Error(BP_STATUS_UNSUPPORTED, "the queue is out of order, or of another OpenCL context");
    }
    *stream = sdk::to_handle(std::make_unique<Stream>(device, ClQueue::share(queue)));
  });
}

void CL_CALLBACK pass_on(cl_event, cl_int status, void* user) {
  const ClEvent target(static_cast<cl_event>(user));
  clSetUserEventStatus(target.get(), status < 0 ? status : CL_COMPLETE);
}

// An event of `device`'s context that completes with `event`, which is of another.
ClEvent mirror(Device& device, const EventState& event) {
  cl_int error = CL_SUCCESS;
  ClEvent made(clCreateUserEvent(device.context(), &error));
  check(error, "clCreateUserEvent");
  check(clRetainEvent(made.get()), "clRetainEvent");  // the callback's
  const cl_int status = clSetEventCallback(event.get(), CL_COMPLETE, pass_on, made.get());
  if (status != CL_SUCCESS) clReleaseEvent(made.get());
  check(status, "clSetEventCallback");
  return made;
}

}  // namespace

Host Stream::host() const noexcept { return device_.host(); }

void Stream::poison(Failure failure) {
  if (!failure_) failure_ = std::move(failure);
}

// Events that are complete without an error need not be asked again; one with an error poisons.
void Stream::drop_done() {
  std::erase_if(awaited_, [&](const std::shared_ptr<EventState>& event) {
    if (!event->is_complete()) return false;
    if (auto carried = event->error()) poison(std::move(*carried));
    return true;
  });
}

void Stream::record(bp_event* event) {
  drop_done();
  ClEvent marker;
  check(clEnqueueMarkerWithWaitList(queue_.get(), 0, nullptr, marker.out()), "clEnqueueMarkerWithWaitList");
  check(clFlush(queue_.get()), "clFlush");
  auto made = std::make_unique<Event>();
  made->state = std::make_shared<EventState>(device_, std::move(marker));
  made->state->failure = failure_;
  made->state->upstream = awaited_;
  *event = sdk::to_handle(std::move(made));
}

void Stream::wait_event(bp_event event) {
  const std::shared_ptr<EventState>& state = sdk::from_handle<Event>(event).state;
  drop_done();
  if (state->is_complete()) {
    if (auto carried = state->error()) poison(std::move(*carried));
    return;
  }
  ClEvent foreign;
  cl_event waited = state->get();
  if (&state->device() != &device_) {
    foreign = mirror(device_, *state);
    waited = foreign.get();
  }
  check(clEnqueueBarrierWithWaitList(queue_.get(), 1, &waited, nullptr), "clEnqueueBarrierWithWaitList");
  awaited_.push_back(state);
}

void Stream::export_native(uint32_t native_type, uint64_t* handle) {
  if (native_type != BP_NATIVE_CL_COMMAND_QUEUE) {
    throw Error(BP_STATUS_UNSUPPORTED, text("streams are not given as native type ", native_type));
  }
  *handle = reinterpret_cast<uintptr_t>(queue_.get());
}

const bp_stream_api kStreamApi = {
    BP_STRUCT_SIZE(bp_stream_api, export_native),
    0,
    create,
    sdk::release_entry<Stream>,
    sdk::entry<&Stream::record>,
    sdk::entry<&Stream::wait_event>,
    import_native,
    sdk::entry<&Stream::export_native>,
};

}  // namespace bp::opencl
