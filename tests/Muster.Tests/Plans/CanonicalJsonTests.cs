using System.Text;
using System.Text.Json;
using Muster.Core.Plans;
using Muster.Tests.Trees;

namespace Muster.Tests.Plans;

public sealed class CanonicalJsonTests
{
    // RFC 8785, appendix B.
    [Theory]
    [InlineData(0x0000000000000000, "0")]
    [InlineData(0x8000000000000000, "0")]
    [InlineData(0x0000000000000001, "5e-324")]
    [InlineData(0x8000000000000001, "-5e-324")]
    [InlineData(0x7fefffffffffffff, "1.7976931348623157e+308")]
    [InlineData(0xffefffffffffffff, "-1.7976931348623157e+308")]
    [InlineData(0x4340000000000000, "9007199254740992")]
    [InlineData(0xc340000000000000, "-9007199254740992")]
    [InlineData(0x4430000000000000, "295147905179352830000")]
    [InlineData(0x44b52d02c7e14af5, "9.999999999999997e+22")]
    [InlineData(0x44b52d02c7e14af6, "1e+23")]
    [InlineData(0x44b52d02c7e14af7, "1.0000000000000001e+23")]
    [InlineData(0x444b1ae4d6e2ef4e, "999999999999999700000")]
    [InlineData(0x444b1ae4d6e2ef4f, "999999999999999900000")]
    [InlineData(0x444b1ae4d6e2ef50, "1e+21")]
    [InlineData(0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7")]
    [InlineData(0x3eb0c6f7a0b5ed8d, "0.000001")]
    [InlineData(0x41b3de4355555553, "333333333.3333332")]
    [InlineData(0x41b3de4355555554, "333333333.33333325")]
    [InlineData(0x41b3de4355555555, "333333333.3333333")]
    [InlineData(0x41b3de4355555556, "333333333.3333334")]
    [InlineData(0x41b3de4355555557, "333333333.33333343")]
    [InlineData(0xbecbf647612f3696, "-0.0000033333333333333333")]
    [InlineData(0x43143ff3c1cb0959, "1424953923781206.2")]
    public void Numbers_are_written_as_the_rfc_lists_them(ulong bits, string text) =>
        Assert.Equal(text, CanonicalJson.Number(BitConverter.UInt64BitsToDouble(bits)));

    [Fact]
    public void The_example_of_the_rfc_has_its_bytes()
    {
        // Section 3.2.2 and 3.2.4; integers beyond 2^53 are refused here, so 1E30 stands as the RFC has it, with an exponent.
        const string Text = """
            {
              "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
              "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
              "literals": [null, true, false]
            }
            """;
        const string Hex =
            "7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b3333333333333333332e333333333333332c31652b33302c"
            + "342e352c302e3030322c31652d32375d2c22737472696e67223a22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f227d";
        Assert.Equal(Hex, Convert.ToHexStringLower(Canonical(Text)));
    }

    [Fact]
    public void Members_are_sorted_by_utf_16_units_as_the_rfc_shows()
    {
        // Section 3.2.3.
        const string Text = """
            {"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}
            """;
        var names = JsonDocument.Parse(Canonical(Text)).RootElement.EnumerateObject().Select(member => member.Value.GetString());
        Assert.Equal(["Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis", "Euro Sign", "Emoji: Grinning Face", "Hebrew Letter Dalet With Dagesh"], names);
    }

    [Theory]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("9007199254740993")]
    [InlineData("""["\ud800"]""")]
    public void What_has_no_one_form_is_refused(string text) =>
        Assert.ThrowsAny<Exception>(() => Canonical(text));

    [Fact]
    public void The_order_of_members_and_white_space_do_not_change_the_bytes() => Property.Holds(200, (random, size) =>
    {
        var members = Enumerable.Range(0, size).Select(number => $"\"{(char)random.Next('a', 0x250)}{number}\": {random.Next()}").ToArray();
        var first = Canonical("{" + string.Join(" , ", members) + "}");
        random.Shuffle(members);
        Assert.Equal(first, Canonical("{\n" + string.Join(",", members) + "}"));
        Assert.Equal(first, Canonical(Encoding.UTF8.GetString(first)));
    });

    private static byte[] Canonical(string text) => CanonicalJson.Write(JsonDocument.Parse(text).RootElement);
}
