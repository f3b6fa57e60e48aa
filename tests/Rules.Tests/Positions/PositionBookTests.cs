using System.Text;
using CsCheck;
using Telemetry.Rules.Model;
using Telemetry.Rules.Positions;

namespace Telemetry.Rules.Tests.Positions;

/// <summary>Who mans a position and who may hand it over, entry by entry.</summary>
public class PositionBookTests
{
    private PositionBook _book = PositionBook.Empty;
    private long _position;

    [Fact]
    public void One_person_mans_a_position_until_signing_off()
    {
        Assert.False(_book.IsUsed);
        Assert.Null(Do(PositionAction.SignOn, "Wang"));
        Assert.Equal(("Wang", 1000L), (_book.Of("north").Person, _book.Of("north").Since));
        Assert.Equal("position_manned", Do(PositionAction.SignOn, "Li"));
        Assert.Equal("not_on_duty", Do(PositionAction.SignOff, "Li"));
        Assert.Null(Do(PositionAction.SignOff, "Wang"));
        Assert.Equal((null, 4000L), (_book.Of("north").Person, _book.Of("north").Since));
        Assert.True(_book.IsUsed);
    }

    [Fact]
    public void What_is_so_already_changes_nothing()
    {
        Do(PositionAction.SignOn, "Wang");
        Assert.Null(_book.With(Entry(PositionAction.SignOn, "Wang")).After);
        Do(PositionAction.SignOff, "Wang");
        Assert.Equal((null, null), _book.With(Entry(PositionAction.SignOff, "Wang")));
    }

    [Fact]
    public void Somebody_else_is_signed_off_by_name()
    {
        Do(PositionAction.SignOn, "Wang");
        Assert.Equal("not_on_duty", Do(PositionAction.SignOff, "Chen", person: "Zhao"));
        Assert.Null(Do(PositionAction.SignOff, "Chen", person: "Wang"));
        Assert.Null(_book.Of("north").Person);
    }

    [Fact]
    public void Only_whoever_mans_it_opens_a_handover()
    {
        Assert.Equal("position_unmanned", Do(PositionAction.OpenHandover, "Wang"));
        Do(PositionAction.SignOn, "Wang");
        Assert.Equal("not_on_duty", Do(PositionAction.OpenHandover, "Li"));
        Assert.Null(Do(PositionAction.OpenHandover, "Wang"));
        Assert.Equal(_position, _book.Of("north").Open!.Id);
    }

    [Theory]
    [InlineData("Wang", "Li")]
    [InlineData("Li", "Wang")]
    public void With_the_second_signature_the_incoming_person_mans_it(string first, string second)
    {
        var id = Opened();
        Assert.Null(Do(PositionAction.SignHandover, first, handover: id));
        Assert.Equal(("Wang", false), (_book.Of("north").Person, _book.Of("north").Open!.IsSigned));
        Assert.Null(Do(PositionAction.SignHandover, second, handover: id));
        Assert.Equal(("Li", _position * 1000), (_book.Of("north").Person, _book.Of("north").Since));
        Assert.Null(_book.Of("north").Open);
        Assert.Equal((id, "Wang", "Li"), (_book.Of("north").Signed!.Id, _book.Of("north").Signed!.OutgoingSigned!.By, _book.Of("north").Signed!.IncomingSigned!.By));
        // Both have; a third person is late.
        Assert.Equal((null, null), _book.With(Entry(PositionAction.SignHandover, "Li", handover: id)));
        Assert.Equal("signed", Do(PositionAction.SignHandover, "Zhao", handover: id));
    }

    [Fact]
    public void Nobody_signs_twice_and_only_one_comes()
    {
        var id = Opened();
        Do(PositionAction.SignHandover, "Wang", handover: id);
        Assert.Equal((null, null), _book.With(Entry(PositionAction.SignHandover, "Wang", handover: id)));
        Assert.NotNull(_book.Of("north").Open);
        id = Reopened();
        Do(PositionAction.SignHandover, "Li", handover: id);
        Assert.Equal("other_incoming", Do(PositionAction.SignHandover, "Zhao", handover: id));
        Assert.Equal("superseded", Do(PositionAction.SignHandover, "Li", handover: id + 100));
    }

    [Fact]
    public void A_document_that_is_taken_anew_is_signed_anew_and_gives_no_more_time()
    {
        var first = Opened();
        Do(PositionAction.SignHandover, "Li", handover: first);
        var second = Reopened();
        Assert.Equal("superseded", Do(PositionAction.SignHandover, "Wang", handover: first));
        Assert.Null(_book.Of("north").Open!.IncomingSigned);
        Assert.Empty(_book.Unsigned((first * 1000) + Handover.UnsignedTooLong - 1));
        Assert.Equal([("north", second)], _book.Unsigned((first * 1000) + Handover.UnsignedTooLong).Select(waiting => (waiting.Position, waiting.Id)));
    }

    [Fact]
    public void A_name_in_other_letters_is_no_second_person()
    {
        var id = Opened();
        Do(PositionAction.SignHandover, "wANG", handover: id);
        Assert.Equal(("wANG", null), (_book.Of("north").Open!.OutgoingSigned!.By, _book.Of("north").Open!.IncomingSigned));
    }

    [Fact]
    public void Who_signs_on_where_somebody_left_unsigned_ends_that_handover_and_who_comes_back_does_not()
    {
        var id = Opened();
        Do(PositionAction.SignOff, "Wang");
        Do(PositionAction.SignOn, "Wang");
        Assert.Equal(id, _book.Of("north").Open!.Id);
        Do(PositionAction.SignOff, "Wang");
        Do(PositionAction.SignOn, "Zhao");
        Assert.Null(_book.Of("north").Open);
        Assert.Equal("superseded", Do(PositionAction.SignHandover, "Li", handover: id));
        Assert.Equal("Zhao", _book.Of("north").Person);
    }

    [Fact]
    public void Notes_go_with_the_document_and_what_came_after_it_stays()
    {
        Do(PositionAction.SignOn, "Wang");
        Do(PositionAction.Note, "Wang", text: "pump 3 is out");
        Do(PositionAction.OpenHandover, "Wang");
        var id = _position;
        Do(PositionAction.Note, "Li", text: "key is at the gate");
        Do(PositionAction.SignHandover, "Wang", handover: id);
        Assert.Equal(2, _book.Of("north").Notes.Count);
        Do(PositionAction.SignHandover, "Li", handover: id);
        Assert.Equal(["key is at the gate"], _book.Of("north").Notes.Select(note => note.Text));
    }

    [Fact]
    public void Notes_are_bounded()
    {
        for (var i = 0; i < PositionBook.MostNotes; i++)
            Assert.Null(Do(PositionAction.Note, "Wang", text: $"{i}"));
        Assert.Equal("too_many_notes", Do(PositionAction.Note, "Wang", text: "one more"));
    }

    [Fact]
    public void Positions_know_nothing_of_each_other()
    {
        var id = Opened();
        Assert.Null(Do(PositionAction.SignOn, "Li", name: "south"));
        Assert.Equal("superseded", Do(PositionAction.SignHandover, "Li", handover: id, name: "south"));
        Assert.Equal(("Wang", "Li"), (_book.Of("north").Person, _book.Of("south").Person));
    }

    [Fact]
    public void Saved_and_loaded_it_answers_the_same() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 2], Gen.Int[0, 1], Gen.Int[0, 6]).Array[0, 40].Repeatably().Sample(steps =>
        {
            var (one, twin) = (new PositionBookTests(), PositionBook.Empty);
            foreach (var (action, who, where, back) in steps)
            {
                var entry = one.Entry((PositionAction)action, $"{"WLZ"[who]}", $"P-{where}", one._position - back, "note");
                var (after, refusal) = one._book.With(entry);
                var (other, otherRefusal) = Reloaded(twin).With(entry);
                Assert.Equal(refusal, otherRefusal);
                (one._book, twin) = (after ?? one._book, other ?? twin);
                Assert.Equal(Bytes(one._book), Bytes(twin));
                // Whoever hands over is never who takes it.
                Assert.All(one._book.States, state => Assert.NotEqual(state.Value.Signed?.OutgoingSigned!.By ?? "none", state.Value.Signed?.IncomingSigned!.By));
            }
        });

    private static byte[] Bytes(PositionBook book)
    {
        var saved = new MemoryStream();
        using (var into = new BinaryWriter(saved, Encoding.UTF8, leaveOpen: true))
            book.Save(into);
        return saved.ToArray();
    }

    private static PositionBook Reloaded(PositionBook book) => PositionBook.Load(new BinaryReader(new MemoryStream(Bytes(book))));

    private long Opened()
    {
        Do(PositionAction.SignOn, "Wang");
        return Reopened();
    }

    private long Reopened()
    {
        Assert.Null(Do(PositionAction.OpenHandover, "Wang"));
        return _position;
    }

    private string? Do(PositionAction action, string by, string? person = null, string? text = null, long handover = 0, string name = "north")
    {
        var (after, refusal) = _book.With(Entry(action, by, name, handover, text, person));
        _book = after ?? _book;
        return refusal?.Refusal;
    }

    private PositionEntry Entry(PositionAction action, string by, string name = "north", long handover = 0, string? text = null, string? person = null)
    {
        _position++;
        return new PositionEntry(action, name, by) { Position = _position, Time = _position * 1000, Person = person, Text = text, Handover = handover, Hash = "h" };
    }
}
