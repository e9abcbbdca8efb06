namespace Interp.Tests.Unit.Loading;

using Interp.Tests.Support;
using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed class SafetensorsWriterTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Save_FailingHalfway_LeavesTheOldFileAndNothingElse()
    {
        var path = folder.Write("model.safetensors", "old");
        var writer = new SafetensorsWriter();
        writer.Add("a", SafetensorsType.Float32, [1], new byte[4]);
        writer.Add("b", SafetensorsType.UInt8, [1], _ => throw new IOException("disk full"));

        Should.Throw<IOException>(() => writer.Save(path, null));

        File.ReadAllText(path).ShouldBe("old");
        Directory.GetFiles(folder.Path).ShouldBe([path]);
    }

    [Fact]
    public void Save_TensorOfTheWrongLength_IsRefused()
    {
        var writer = new SafetensorsWriter();
        writer.Add("a", SafetensorsType.Float32, [2], new byte[4]);

        Should.Throw<ArgumentException>(() => writer.Save(folder.File("x"), null)).Message.ShouldContain("needs 8 bytes and brought 4");
        Directory.GetFiles(folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public void Add_NameTwice_IsRefused()
    {
        var writer = new SafetensorsWriter();
        writer.Add("a", SafetensorsType.Float32, [1], new byte[4]);

        Should.Throw<ArgumentException>(() => writer.Add("a", SafetensorsType.Float32, [1], new byte[4])).Message.ShouldContain("named 'a'");
    }
}
