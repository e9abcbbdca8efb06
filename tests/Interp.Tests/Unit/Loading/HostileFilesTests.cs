namespace Interp.Tests.Unit.Loading;

using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Interp.Native;
using Interp.Tests.Model.Loading;
using Interp.Tests.Support;
using Shouldly;
using Xunit;

/// <summary>Damaged files of each kind: an error that says so, or a load; no other exception, no waiting, no memory beyond a small multiple of the file.</summary>
[Trait("Tier", "unit")]
public sealed class HostileFilesTests : IDisposable
{
    private const long Factor = 64;
    private const long Allowance = 4 << 20;
    private static readonly int Count = Evidence.Full ? 25_000 : 250;
    private static readonly string[] Values =
        ["0", "-1", "2147483647", "9223372036854775807", "1e308", "\"x\"", "null", "true", "[]", "{}", "0.5", "3", "[1,2]", "\"(a+)+$\"", "\"\\u0000\"", "[[]]"];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Safetensors_Mutated_AreAnErrorOrALoad()
    {
        TinyCheckpoint.Write(folder.File("m.safetensors"), TinyCheckpoint.Gpt2());
        var whole = File.ReadAllBytes(folder.File("m.safetensors"));
        Hunt("safetensors", whole, 1, bytes =>
        {
            using var file = SafetensorsFile.Open(bytes, "fuzz");
            foreach (var name in file.Names.Where(name => file.Entry(name).Type.Torch() is not null))
                file.Read(name).Dispose();
        });
    }

    [Theory]
    [InlineData("stored")]
    [InlineData("packed")]
    [InlineData("legacy")]
    public void Pickles_Mutated_AreAnErrorOrALoad(string form)
    {
        var pickle = new PickleWriter().Global("collections", "OrderedDict").Op(')', 'R', '(').Text("w").Tensor("FloatStorage", "0", 6, 0, [3, 2], [1, 3])
            .Text("b").Whole("HalfStorage", "1", 2).Text("cfg").Op('}').Text("n").Long(70000).Op('s').Text("l").Op(']', '(').Double(1.5).Bool(true).Op('N', 'e', 'u').Done();
        var level = form == "packed" ? CompressionLevel.Optimal : CompressionLevel.NoCompression;
        var whole = form == "legacy"
            ? PickleWriter.Legacy(pickle, ("0", 6, new byte[24]), ("1", 2, new byte[4]))
            : PickleWriter.Zip(pickle, [("0", new byte[24]), ("1", new byte[4])], level);
        Hunt("pickle " + form, whole, 3, bytes =>
        {
            using var file = PickledTensors.Open(bytes, "fuzz");
            foreach (var name in file.Names)
                file.Read(name).Dispose();
        });
    }

    [Theory]
    [InlineData(TinyCheckpoint.Gpt2Config)]
    [InlineData(TinyCheckpoint.LlamaConfig)]
    public void Configurations_Mutated_AreAnErrorOrALoad(string config)
    {
        var llama = config == TinyCheckpoint.LlamaConfig;
        TinyCheckpoint.Write(folder.File("model.safetensors"), llama ? TinyCheckpoint.Llama() : TinyCheckpoint.Gpt2());
        Hunt("config.json " + (llama ? "llama" : "gpt2"), Encoding.UTF8.GetBytes(config), 2, bytes =>
        {
            File.WriteAllBytes(folder.File("config.json"), bytes);
            using var model = Models.Load(folder.Path);
            model.On(RunInput.Of([[1, 2]])).Logits().Dispose();
        });
    }

    [SkippableFact]
    public void Tokenizers_Mutated_AreAnErrorOrALoad()
    {
        var whole = File.ReadAllBytes(Repository.Shared("models", "stories260K", "tokenizer.json"));
        Hunt("tokenizer.json", whole, 1, bytes =>
        {
            File.WriteAllBytes(folder.File("tokenizer.json"), bytes);
            var tokenizer = Tokenizers.Load(folder.File("tokenizer.json"));
            tokenizer.Decode(tokenizer.Ids("Hello  wörld <s> 12345 ab aab")).ShouldNotBeNull();
        });
    }

    private static void Hunt(string kind, byte[] whole, int share, Action<byte[]> load)
    {
        var random = new Random(kind.Length);
        var json = kind.EndsWith("json", StringComparison.Ordinal) || kind.StartsWith("config", StringComparison.Ordinal);
        var (refused, loaded, most, slowest) = (0, 0, 0d, 0d);
        load(whole);
        for (var i = 0; i < Math.Max(Count / share, 20); i++)
        {
            var bytes = json && i % 2 == 0 ? Mutations.Value(whole, Values, random) : Mutations.Bytes(whole, random);
            var (before, start) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
            TorchRuntime.ResetPeak();
            var live = TorchRuntime.CpuLiveBytes;
            try
            {
                load(bytes);
                loaded++;
            }
            catch (InvalidDataException problem)
            {
                problem.Message.ShouldNotBeNullOrWhiteSpace();
                refused++;
            }
            catch (Exception problem)
            {
                File.WriteAllBytes(Path.Combine(Path.GetTempPath(), "interp-hostile.bin"), bytes);
                Evidence.Record("hostile-files", false, $"{kind}: {problem.GetType().Name}");
                throw new ShouldAssertException($"{kind}, mutation {i}: {problem.GetType().Name}: {problem.Message}", problem);
            }
            var took = GC.GetAllocatedBytesForCurrentThread() - before + TorchRuntime.CpuPeakBytes - live;
            most = Math.Max(most, (double)took / (Factor * whole.Length + Allowance));
            slowest = Math.Max(slowest, Stopwatch.GetElapsedTime(start).TotalSeconds);
            took.ShouldBeLessThan(Factor * bytes.Length + Allowance, $"{kind}, mutation {i}");
        }
        slowest.ShouldBeLessThan(20, kind);
        Evidence.Record("hostile-files", true, FormattableString.Invariant($"{kind}: {refused + loaded:N0} files, {refused:N0} refused, slowest {slowest:F2} s, memory at most {most:P0} of what is allowed"));
        refused.ShouldBePositive();
    }

    /// <summary>Ways in which files are damaged.</summary>
    private static class Mutations
    {
        /// <summary>Bytes changed, cut out, repeated, or all behind a place missing.</summary>
        public static byte[] Bytes(byte[] whole, Random random)
        {
            List<byte> bytes = [.. whole];
            for (var count = random.Next(1, 5); count > 0 && bytes.Count > 1; count--)
            {
                var place = random.Next(bytes.Count);
                var length = random.Next(1, Math.Min(16, bytes.Count - place) + 1);
                switch (random.Next(6))
                {
                    case 0: bytes[place] = (byte)random.Next(256); break;
                    case 1: bytes[place] ^= (byte)(1 << random.Next(8)); break;
                    case 2: bytes[place] = random.Next(2) == 0 ? (byte)0 : (byte)255; break;
                    case 3: bytes.RemoveRange(place, length); break;
                    case 4: bytes.InsertRange(place, bytes.GetRange(place, length)); break;
                    default: if (random.Next(4) == 0) bytes.RemoveRange(place, bytes.Count - place); else bytes[random.Next(Math.Min(64, bytes.Count))] = (byte)random.Next(256); break;
                }
            }
            return [.. bytes];
        }

        /// <summary>Some value of a JSON document is another one.</summary>
        public static byte[] Value(byte[] whole, string[] values, Random random)
        {
            var root = JsonNode.Parse(whole)!;
            for (var node = root; ;)
            {
                var children = node switch { JsonObject o => o.Select(pair => pair.Key).Cast<object>().ToArray(), JsonArray a => [.. Enumerable.Range(0, Math.Min(a.Count, 20)).Cast<object>()], _ => [] };
                if (children.Length == 0)
                    return Encoding.UTF8.GetBytes(root.ToJsonString());
                var key = children[random.Next(children.Length)];
                var child = key is string name ? node[name] : node[(int)key];
                if (child is JsonObject or JsonArray && random.Next(3) > 0)
                {
                    node = child;
                    continue;
                }
                var other = JsonNode.Parse(values[random.Next(values.Length)]);
                if (key is string property)
                    node[property] = other;
                else
                    node[(int)key] = other;
                return Encoding.UTF8.GetBytes(root.ToJsonString());
            }
        }
    }
}
