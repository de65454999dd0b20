// ONNX Runtime through its C functions, for runs so short that a Python call would be half of what is measured.
// Speaks the line protocol of ort_child.py (ready, run N, quit) for models with one float32[n] input `x` and
// one output `y` of the same shape. usage: ort_tiny_child LIBONNXRUNTIME MODEL ELEMENTS THREADS none|all
//
// The wheel ships the library without its header. OrtApi is a struct of function pointers that only grows at
// its end, so the few functions used here are named by their places in it (onnxruntime_c_api.h, API version
// 13).
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
  kApiVersion = 13,
  kGetErrorMessage = 2,
  kCreateEnv = 3,
  kCreateSession = 7,
  kRun = 9,
  kCreateSessionOptions = 10,
  kSetSessionGraphOptimizationLevel = 23,
  kSetIntraOpNumThreads = 24,
  kCreateTensorWithDataAsOrtValue = 49,
  kCreateCpuMemoryInfo = 69,
};
enum { kLevelNone = 0, kLevelAll = 99, kLogError = 3, kFloat = 1, kMaxElements = 64 };

typedef void (*Function)(void);
typedef struct {
  const Function* (*get_api)(uint32_t version);
  const char* (*version)(void);
} ApiBase;
typedef void* (*RunFunction)(void* session, void* options, const char* const* input_names, void* const* inputs,
                             size_t input_count, const char* const* output_names, size_t output_count,
                             void** outputs);

static const Function* api;

static void check(void* status) {
  if (!status) return;
  fprintf(stderr, "ort_tiny_child: %s\n", ((const char* (*)(void*))api[kGetErrorMessage])(status));
  exit(1);
}

static int64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void load_library(const char* path) {
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  ApiBase* (*base)(void) = NULL;
  if (library) *(void**)&base = dlsym(library, "OrtGetApiBase");
  api = base ? base()->get_api(kApiVersion) : NULL;
  if (!api) {
    fprintf(stderr, "ort_tiny_child: no API version %d in %s\n", kApiVersion, path);
    exit(1);
  }
}

static void* make_session(const char* model, int threads, int level) {
  void *env = NULL, *options = NULL, *session = NULL;
  check(((void* (*)(int, const char*, void**))api[kCreateEnv])(kLogError, "bench", &env));
  check(((void* (*)(void**))api[kCreateSessionOptions])(&options));
  check(((void* (*)(void*, int))api[kSetIntraOpNumThreads])(options, threads));
  check(((void* (*)(void*, int))api[kSetSessionGraphOptimizationLevel])(options, level));
  check(((void* (*)(void*, const char*, void*, void**))api[kCreateSession])(env, model, options, &session));
  return session;
}

static void* make_tensor(float* data, int64_t elements) {
  void *memory = NULL, *tensor = NULL;
  check(((void* (*)(int, int, void**))api[kCreateCpuMemoryInfo])(0, 0, &memory));
  check(((void* (*)(void*, void*, size_t, const int64_t*, size_t, int,
                    void**))api[kCreateTensorWithDataAsOrtValue])(
      memory, data, (size_t)elements * sizeof(float), &elements, 1, kFloat, &tensor));
  return tensor;
}

static void answer_runs(void* session, void* input, void* output, long count) {
  static const char* const input_name = "x";
  static const char* const output_name = "y";
  const RunFunction run = (RunFunction)api[kRun];
  int64_t* times = malloc((size_t)count * sizeof *times);
  if (!times) exit(1);
  for (long i = 0; i < count; ++i) {
    const int64_t begin = now_ns();
    check(run(session, NULL, &input_name, &input, 1, &output_name, 1, &output));
    times[i] = now_ns() - begin;
  }
  printf("{\"ns\":[");
  for (long i = 0; i < count; ++i) printf("%s%lld", i ? "," : "", (long long)times[i]);
  printf("]}\n");
  fflush(stdout);
  free(times);
}

int main(int argc, char** argv) {
  float x[kMaxElements] = {0}, y[kMaxElements] = {0};
  const int elements = argc == 6 ? atoi(argv[3]) : 0;
  if (elements < 1 || elements > kMaxElements) {
    fprintf(stderr, "usage: ort_tiny_child LIBONNXRUNTIME MODEL ELEMENTS THREADS none|all\n");
    return 2;
  }
  load_library(argv[1]);
  const int level = strcmp(argv[5], "none") == 0 ? kLevelNone : kLevelAll;
  const int64_t begin = now_ns();
  void* session = make_session(argv[2], atoi(argv[4]), level);
  printf("{\"ready\":true,\"load_ns\":%lld}\n", (long long)(now_ns() - begin));
  fflush(stdout);

  void *input = make_tensor(x, elements), *output = make_tensor(y, elements);
  char line[64];
  while (fgets(line, sizeof line, stdin) && strncmp(line, "quit", 4) != 0) {
    const long count = strncmp(line, "run ", 4) == 0 ? atol(line + 4) : 0;
    if (count > 0) {
      answer_runs(session, input, output, count);
    } else {
      printf("{\"error\":\"unknown command\"}\n");
      fflush(stdout);
    }
  }
  return 0;
}
