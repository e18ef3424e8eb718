import protobuf from 'protobufjs';

/**
 * The messages of event files for a decoder that is not ours, written down from the published field lists and not from
 * the code under test.
 */
export const messages = protobuf.parse(
  `
  syntax = "proto3";
  message Event {
    double wall_time = 1;
    int64 step = 2;
    oneof what {
      string file_version = 3;
      bytes graph_def = 4;
      Summary summary = 5;
      LogMessage log_message = 6;
      SessionLog session_log = 7;
      TaggedRunMetadata tagged_run_metadata = 8;
      bytes meta_graph_def = 9;
    }
    SourceMetadata source_metadata = 10;
  }
  message SourceMetadata { string writer = 1; }
  message LogMessage { int32 level = 1; string message = 2; }
  message SessionLog { int32 status = 1; string checkpoint_path = 2; string msg = 3; }
  message TaggedRunMetadata { string tag = 1; bytes run_metadata = 2; }
  message Summary { repeated Value value = 1; }
  message Value {
    string tag = 1;
    oneof value {
      float simple_value = 2;
      bytes obsolete = 3;
      Image image = 4;
      Histogram histo = 5;
      Audio audio = 6;
      Tensor tensor = 8;
    }
    string node_name = 7;
    Metadata metadata = 9;
  }
  message Image { int32 height = 1; int32 width = 2; int32 colorspace = 3; bytes encoded = 4; }
  message Histogram {
    double min = 1; double max = 2; double num = 3; double sum = 4; double sum_squares = 5;
    repeated double bucket_limit = 6; repeated double bucket = 7;
  }
  message Audio { float sample_rate = 1; int64 channels = 2; int64 frames = 3; bytes encoded = 4; string content_type = 5; }
  message Tensor {
    int32 dtype = 1; Shape tensor_shape = 2; bytes tensor_content = 4;
    repeated float float_val = 5; repeated double double_val = 6; repeated int32 int_val = 7; repeated bytes string_val = 8;
    repeated float scomplex_val = 9; repeated int64 int64_val = 10; repeated bool bool_val = 11;
    repeated double dcomplex_val = 12; repeated int32 half_val = 13; repeated uint32 uint32_val = 16;
    repeated uint64 uint64_val = 17; bytes float8_val = 18;
  }
  message Shape { repeated Dim dim = 2; bool unknown_rank = 3; }
  message Dim { int64 size = 1; string name = 2; }
  message Metadata { PluginData plugin_data = 1; string display_name = 2; string summary_description = 3; int32 data_class = 4; }
  message PluginData { string plugin_name = 1; bytes content = 2; }

  message MeshPluginData {
    int32 version = 1; string name = 2; int32 content_type = 3; string json_config = 5; repeated int32 shape = 6;
    uint32 components = 7;
  }
  message PrCurvePluginData { int32 version = 1; uint32 num_thresholds = 2; }

  message Layout { int32 version = 1; repeated Category category = 2; }
  message Category { string title = 1; repeated Chart chart = 2; bool closed = 3; }
  message Chart { string title = 1; oneof content { Multiline multiline = 2; Margin margin = 3; } }
  message Multiline { repeated string tag = 1; }
  message Margin { repeated Series series = 1; }
  message Series { string value = 1; string lower = 2; string upper = 3; }

  message GraphDef { repeated NodeDef node = 1; Versions versions = 4; }
  message Versions { int32 producer = 1; }
  message NodeDef { string name = 1; string op = 2; repeated string input = 3; string device = 4; map<string, Attr> attr = 5; }
  message Attr { oneof value { List list = 1; bytes s = 2; int64 i = 3; float f = 4; bool b = 5; int32 type = 6; } }
  message List { repeated Shape shape = 7; }
`,
  { keepCase: true },
).root;

/** What `protobufjs` reads, without fields at their default; 64-bit numbers as text. */
export function decodeWith(type: string, bytes: Uint8Array): Record<string, unknown> {
  const message = messages.lookupType(type);
  return message.toObject(message.decode(bytes), { longs: String, bytes: String });
}
