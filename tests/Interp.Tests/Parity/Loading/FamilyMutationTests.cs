namespace Interp.Tests.Parity.Loading;

using System.Text;
using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

/// <summary>Damaged configurations: an error that says so, or a model; nothing else.</summary>
[Trait("Tier", "parity")]
public sealed class FamilyMutationTests : IDisposable
{
    private const int PerFamily = 40;
    private static readonly string[] Values = ["0", "-1", "2147483647", "2147483648", "1e300", "\"x\"", "null", "true", "[]", "{}", "0.5", "3", "[1,2]", "\"gelu\""];
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Families => [.. FamilyCases.All];

    public void Dispose() => folder.Dispose();

    [SkippableTheory]
    [MemberData(nameof(Families))]
    public void Load_DamagedConfiguration_IsAnErrorOrAModel(string name)
    {
        var source = Repository.Shared("golden", name);
        var whole = File.ReadAllText(Path.Combine(source, "config.json"));
        File.Copy(Path.Combine(source, "model.safetensors"), folder.File("model.safetensors"));
        var random = new Random(7);
        for (var i = 0; i < PerFamily; i++)
        {
            var damaged = i % 4 == 3 ? Bytes(whole, random) : Value(whole, random);
            File.WriteAllText(folder.File("config.json"), damaged);
            try
            {
                Models.Load(Path.GetDirectoryName(folder.File("config.json"))!, new LoadOptions { DType = ScalarType.Float32 }).Dispose();
            }
            catch (InvalidDataException error)
            {
                error.Message.ShouldNotBeNullOrWhiteSpace();
            }
            catch (Exception error)
            {
                throw new ShouldAssertException($"{error.GetType().Name} on {damaged}", error);
            }
        }
    }

    // One value of the outermost object becomes another.
    private static string Value(string json, Random random)
    {
        var parsed = System.Text.Json.Nodes.JsonNode.Parse(json)!.AsObject();
        var key = parsed.Select(pair => pair.Key).ElementAt(random.Next(parsed.Count));
        parsed[key] = System.Text.Json.Nodes.JsonNode.Parse(Values[random.Next(Values.Length)]);
        return parsed.ToJsonString();
    }

    private static string Bytes(string json, Random random)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        for (var i = 0; i < 3; i++)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(32, 127);
        return Encoding.UTF8.GetString(bytes);
    }
}
