// Marks what libbackplane.so exports. Everything else in the core is hidden.
#pragma once

#define BP_API [[gnu::visibility("default")]]
